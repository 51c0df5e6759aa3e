package io.tubelet.engine.torch;

import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;

/** Life time of native objects, and whether autograd watches, as blocks of code. */
@SuppressWarnings("try") // the resources are there to be closed
final class Scope {
  private Scope() {}

  /** Runs {@code body}; what it makes is freed at its end, even if it fails. */
  static void run(Runnable body) {
    try (PointerScope scope = new PointerScope()) {
      body.run();
    }
  }

  /** Runs {@code body}; what it makes is freed at its end, but for the result, which is Java's. */
  static <T> T get(Supplier<T> body) {
    try (PointerScope scope = new PointerScope()) {
      return body.get();
    }
  }

  /** Runs {@code body}; what it makes is freed at its end, but for the result: the caller's. */
  static Tensor keep(Supplier<Tensor> body) {
    PointerScope outer = PointerScope.getInnerScope();
    try (PointerScope scope = new PointerScope()) {
      Tensor result = body.get();
      outer.attach(result);
      return result;
    }
  }

  /** Runs {@code body}; its result belongs to no scope: whoever gets it must release it. */
  static Tensor own(Supplier<Tensor> body) {
    try (PointerScope scope = new PointerScope()) {
      return body.get().retainReference();
    }
  }

  /** Hands a tensor that belongs to no scope to the innermost one of the caller. */
  static void adopt(Tensor owned) {
    PointerScope.getInnerScope().attach(owned);
    owned.releaseReference();
  }

  /** Runs {@code body} without building graphs. */
  static <T> T untracked(Supplier<T> body) {
    return tracking(false, body);
  }

  /** Runs {@code body} so that graphs are built. */
  static void tracked(Runnable body) {
    tracked(
        () -> {
          body.run();
          return body;
        });
  }

  /** The same, with a result. */
  static <T> T tracked(Supplier<T> body) {
    return tracking(true, body);
  }

  private static <T> T tracking(boolean wanted, Supplier<T> body) {
    boolean before = GradMode.is_enabled();
    GradMode.set_enabled(wanted);
    try {
      return body.get();
    } finally {
      GradMode.set_enabled(before);
    }
  }
}
