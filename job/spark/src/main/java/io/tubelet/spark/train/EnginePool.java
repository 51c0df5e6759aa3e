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
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engines of this JVM, kept warm between tasks: opening one costs native memory and seconds,
 * loading a state into one costs a copy. An engine is lent to one task at a time.
 */
public final class EnginePool {

  /** What an engine of this name, or {@link EngineProvider#AUTO}, was opened for. */
  public record Order(String engine, Training training, Placement placement)
      implements Serializable {}

  private record Idle(Order order, Engine engine) {}

  private static final Logger LOG = LoggerFactory.getLogger(EnginePool.class);
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
    Placement here = TaskDevice.of(order.placement); // with the task's own GPU and cores
    Idle lent = take(new Order(order.engine, order.training, here));
    try {
      T result = work.apply(lent.engine);
      synchronized (IDLE) {
        IDLE.push(lent);
      }
      return result;
    } catch (Throwable e) {
      lent.engine.close();
      throw e;
    }
  }

  /** Engines of another network only hold memory now; those of other GPUs have their tasks. */
  private static Idle take(Order order) {
    synchronized (IDLE) {
      for (Idle idle : IDLE) {
        if (idle.order.equals(order)) {
          IDLE.remove(idle);
          return idle;
        }
      }
      close(idle -> !idle.order.training.equals(order.training));
    }
    Device device = order.placement.device();
    EngineProvider provider = EngineProvider.find(order.engine, device);
    if (order.engine.equals(EngineProvider.AUTO)) {
      EngineProvider fastest = EngineProvider.all().get(0);
      if (!provider.name().equals(fastest.name())) {
        String why = fastest.on(device).reason();
        LOG.warn(
            "computing with {}, which is slower than {}: {}", provider.name(), fastest.name(), why);
      }
    }
    return new Idle(order, provider.open(order.training, order.placement));
  }

  /** Closes all engines that no task uses. */
  public static void closeIdle() {
    close(idle -> true);
  }

  private static void close(Predicate<Idle> which) {
    synchronized (IDLE) {
      IDLE.stream().filter(which).forEach(idle -> idle.engine.close());
      IDLE.removeIf(which);
    }
  }
}
