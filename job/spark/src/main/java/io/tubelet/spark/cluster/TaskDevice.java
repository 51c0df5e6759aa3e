package io.tubelet.spark.cluster;

import io.tubelet.engine.Device;
import io.tubelet.engine.EngineUnavailableException;
import io.tubelet.engine.Placement;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/** Where the running task may compute. */
public final class TaskDevice {
  private TaskDevice() {}

  /**
   * A placement with what only the running task knows: the number of the GPU that it was given, and
   * its cores.
   *
   * @param wanted a device, or {@link Device#TASKS_CARD}; threads, or 0
   * @throws EngineUnavailableException if a GPU is wanted and Spark gave the task none
   */
  public static Placement of(Placement wanted) {
    TaskContext task = TaskContext.get();
    int threads = wanted.threads();
    if (threads == 0) {
      threads = task == null ? 1 : task.cpus();
    }
    Device device = wanted.device();
    if (device.equals(Device.TASKS_CARD)) {
      device = Device.cuda(card(task));
    }
    return new Placement(device, wanted.precision(), threads, wanted.passes());
  }

  private static int card(TaskContext task) {
    ResourceInformation given = task == null ? null : task.resourcesJMap().get("gpu");
    if (given != null && given.addresses().length > 0) {
      return VisibleGpus.index(given.addresses()[0]);
    }
    if (task == null || SparkEnv.get().executorId().equals("driver")) {
      return 0; // local mode: Spark assigns nothing, and the process has the machine to itself
    }
    throw new EngineUnavailableException(
        "engine.device = cuda, but Spark gave the task no GPU: set %s, see deploy/README.md"
            .formatted(SparkFacts.GPUS));
  }
}
