package io.tubelet.spark.train;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.TaskContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.SparkPlugin;

/** Kills one task in five. */
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
        if (TASKS.incrementAndGet() % 5 == 2) {
          KILLED.incrementAndGet();
          task.markInterrupted("killed once");
        }
      }
    };
  }
}
