package io.tubelet.spark.train;

import io.tubelet.engine.Engine;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.spark.cluster.TaskDevice;
import io.tubelet.train.Training;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Function;

/**
 * The engines of this JVM, kept warm between tasks: opening one costs native memory and seconds,
 * loading a state into one costs a copy. An engine is lent to one task at a time.
 */
public final class EnginePool {

  /**
   * What an engine was opened for.
   *
   * @param engine name, or {@link EngineProvider#AUTO}
   * @param training network, update rule and rates
   * @param placement device, precision and threads
   */
  public record Order(String engine, Training training, Placement placement)
      implements Serializable {
    /** The order as the running task can have it: with its own GPU and cores. */
    Order here() {
      return new Order(engine, training, TaskDevice.of(placement));
    }

    Engine open() {
      Device device = placement.device();
      return EngineProvider.find(engine, device).open(training, placement);
    }
  }

  private record Idle(Order order, Engine engine) {}

  private static final Deque<Idle> IDLE = new ArrayDeque<>();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(EnginePool::closeIdle, "close-engines"));
  }

  private EnginePool() {}

  /**
   * Does some work with an engine, idle or new, that nobody else uses meanwhile. It is kept for the
   * next task; after a failure it is closed, as its native state may be anything.
   */
  public static <T> T with(Order order, Function<Engine, T> work) {
    Idle lent = take(order.here());
    boolean well = false;
    try {
      T result = work.apply(lent.engine);
      well = true;
      return result;
    } finally {
      if (well) {
        keep(lent);
      } else {
        lent.engine.close();
      }
    }
  }

  private static Idle take(Order order) {
    synchronized (IDLE) {
      Optional<Idle> found = IDLE.stream().filter(idle -> idle.order.equals(order)).findFirst();
      if (found.isPresent()) {
        IDLE.remove(found.get());
        return found.get();
      }
    }
    closeOthers(order.training);
    return new Idle(order, order.open());
  }

  /** Engines of another network only hold memory now; those of other GPUs have their tasks. */
  private static void closeOthers(Training training) {
    synchronized (IDLE) {
      IDLE.removeIf(
          idle -> {
            boolean other = !idle.order.training.equals(training);
            if (other) {
              idle.engine.close();
            }
            return other;
          });
    }
  }

  private static void keep(Idle lent) {
    synchronized (IDLE) {
      IDLE.push(lent);
    }
  }

  /** Closes all engines that no task uses. */
  public static void closeIdle() {
    synchronized (IDLE) {
      while (!IDLE.isEmpty()) {
        IDLE.pop().engine.close();
      }
    }
  }
}
