package io.tubelet.spark.train;

import io.tubelet.engine.Engine;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.spark.cluster.TaskDevice;
import io.tubelet.train.Training;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToIntFunction;

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

  /**
   * Which state an engine holds.
   *
   * @param run the run it belongs to
   * @param step how many steps it is after the start
   */
  record Held(String run, long step) {
    /** None that anybody knows. */
    static final Held UNKNOWN = new Held("", 0);
  }

  /** An engine, and what it holds. Used by one task at a time. */
  static final class Lent {
    private final Order order;
    private final Engine engine;
    private Held held = Held.UNKNOWN;

    private Lent(Order order) {
      this.order = order;
      this.engine = order.open();
    }

    Engine engine() {
      return engine;
    }

    Held held() {
      return held;
    }

    /** Notes what the engine holds; before it is changed, that is {@link Held#UNKNOWN}. */
    void hold(Held state) {
      held = state;
    }
  }

  private static final Deque<Lent> IDLE = new ArrayDeque<>();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(EnginePool::closeIdle, "close-engines"));
  }

  private EnginePool() {}

  /**
   * Does some work with an engine, idle or new, that nobody else uses meanwhile. It is kept for the
   * next task; after a failure it is closed, as its native state may be anything.
   */
  public static <T> T with(Order order, Function<Engine, T> work) {
    return with(
        order,
        held -> 0,
        lent -> {
          lent.hold(Held.UNKNOWN);
          return work.apply(lent.engine);
        });
  }

  /**
   * As above, with the choice of an engine.
   *
   * @param worth how useful an idle engine is by what it holds; the most useful is lent
   */
  static <T> T with(Order order, ToIntFunction<Held> worth, Function<Lent, T> work) {
    Lent lent = take(order.here(), worth);
    boolean well = false;
    try {
      T result = work.apply(lent);
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

  private static Lent take(Order order, ToIntFunction<Held> worth) {
    synchronized (IDLE) {
      Optional<Lent> best =
          IDLE.stream()
              .filter(idle -> idle.order.equals(order))
              .max(Comparator.comparingInt(idle -> worth.applyAsInt(idle.held)));
      if (best.isPresent()) {
        IDLE.remove(best.get());
        return best.get();
      }
    }
    closeOthers(order.training);
    return new Lent(order);
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

  private static void keep(Lent lent) {
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
