package io.tubelet.spark.train;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.TaskContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.SparkPlugin;

/** Kills one task in five, of replicas and of averaging alike, the first time it is tried. */
public final class FaultPlugin implements SparkPlugin {
  static final AtomicInteger TASKS = new AtomicInteger();
  static final AtomicInteger KILLED = new AtomicInteger();

  @Override
  public DriverPlugin driverPlugin() {
    return null;
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorPlugin() {
      @Override
      public void onTaskStart() {
        TaskContext task = TaskContext.get();
        TASKS.incrementAndGet();
        int mixed = (task.stageId() * 31 + task.partitionId()) * 0x9E3779B1;
        if (task.attemptNumber() == 0 && Math.floorMod(mixed >>> 8, 5) == 0) {
          KILLED.incrementAndGet();
          task.markInterrupted("killed once");
        }
      }
    };
  }
}
