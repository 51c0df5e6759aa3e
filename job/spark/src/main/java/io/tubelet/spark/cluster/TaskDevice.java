package io.tubelet.spark.cluster;

import io.tubelet.engine.EngineProvider.EngineUnavailableException;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.engine.torch.Natives;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the running task may compute, and which GPUs its process sees. */
public final class TaskDevice {
  private static final Logger LOG = LoggerFactory.getLogger(TaskDevice.class);

  /** Addresses of the GPUs that this process sees, in CUDA's order; empty: by number. */
  private static volatile List<String> visible = List.of();

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
    return new Placement(device, wanted.precision(), threads, wanted.microBatches());
  }

  private static int card(TaskContext task) {
    ResourceInformation given = task == null ? null : task.resourcesJMap().get("gpu");
    if (given != null && given.addresses().length > 0) {
      return index(given.addresses()[0]);
    }
    if (task == null || SparkEnv.get().executorId().equals("driver")) {
      return 0; // local mode: Spark assigns nothing, and the process has the machine to itself
    }
    throw new EngineUnavailableException(
        "engine.device = cuda, but Spark gave the task no GPU: set %s, see deploy/README.md"
            .formatted(ResourcePlan.GPUS));
  }

  /**
   * CUDA's number for an address.
   *
   * @throws EngineUnavailableException if this process sees no such GPU
   */
  static int index(String address) {
    int byNumber = address.matches("\\d{1,4}") ? Integer.parseInt(address) : -1;
    int index = visible.isEmpty() ? byNumber : visible.indexOf(address);
    if (index < 0) {
      throw new EngineUnavailableException(
          "the task was given GPU '%s'; the executor sees %s"
              .formatted(address, visible.isEmpty() ? "GPUs by number only" : visible));
    }
    return index;
  }

  /**
   * Hides all GPUs but those of this executor. A standalone worker tells its executors which GPUs
   * are theirs and hides none; a program that looks at all of them makes a context, some hundred
   * megabytes, on each. YARN with GPU isolation and Kubernetes show a container its own GPUs only,
   * and {@code CUDA_VISIBLE_DEVICES} may be set already: then nothing is changed. Must come before
   * CUDA starts.
   */
  static void isolate(Map<String, ResourceInformation> resources, Map<String, String> environment) {
    ResourceInformation gpus = resources.get("gpu");
    if (gpus == null) {
      return;
    }
    if (environment.containsKey(Natives.VISIBLE_CARDS)) {
      LOG.info("GPUs are isolated already: {}", environment.get(Natives.VISIBLE_CARDS));
      return;
    }
    List<String> own = List.of(gpus.addresses());
    try {
      Natives.showCards(own);
      visible = own;
    } catch (LinkageError | RuntimeException e) {
      LOG.warn("cannot hide other executors' GPUs: {}", e.toString());
    }
  }
}
