package io.tubelet.engine.torch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;

/**
 * Autograd in pieces. A forward pass is cut into segments, each with a graph of its own; the tape
 * remembers how a gradient crosses each cut and goes back over them in reverse.
 *
 * <p>Cuts are what lets a segment bring its own derivative ({@link Attention}), be computed twice
 * instead of kept ({@link #segment}), and give back its activations as soon as its gradient is
 * through.
 *
 * @param recording whether there will be a backward pass
 * @param checkpointing whether {@link #segment}s keep only their input
 * @param cuts the last one first
 */
record Tape(boolean recording, boolean checkpointing, Deque<Cut> cuts) implements AutoCloseable {
  record Cut(Tensor leaf, Consumer<Tensor> backward, Pointer[] held) {
    void run() {
      try {
        Scope.run(() -> backward.accept(leaf.grad()));
      } finally {
        release();
      }
    }

    void release() {
      leaf.releaseReference();
      for (Pointer pointer : held) {
        pointer.releaseReference();
      }
    }
  }

  static Tape recording(boolean checkpointing) {
    return new Tape(true, checkpointing, new ArrayDeque<>());
  }

  /** A tape for passes without gradients. */
  static Tape idle() {
    return new Tape(false, false, new ArrayDeque<>());
  }

  /** The value of {@code output} as the start of a new graph; itself if it is one. */
  Tensor cut(Tensor output) {
    return recording && !output.is_leaf()
        ? splice(output.detach(), g -> backward(output, g), output)
        : output;
  }

  /**
   * Makes {@code value} the start of a new graph; {@code backward} gets the gradient by it, and
   * what it uses, {@code held}, is kept alive until then.
   */
  Tensor splice(Tensor value, Consumer<Tensor> backward, Pointer... held) {
    value.set_requires_grad(true);
    value.retainReference();
    for (Pointer pointer : held) {
      pointer.retainReference();
    }
    cuts.push(new Cut(value, backward, held));
    return value;
  }

  /** Applies a part of the network whose pointers, but for the result, are freed at once. */
  Tensor segment(Tensor input, BiFunction<Tensor, Tape, Tensor> part) {
    if (!recording || !checkpointing) {
      return Scope.keep(() -> part.apply(input, this));
    }
    Tensor start = cut(input);
    Tensor value = Scope.keep(() -> Scope.untracked(() -> part.apply(start, idle())));
    return splice(value, gradient -> again(start, part, gradient), start);
  }

  private static void again(Tensor start, BiFunction<Tensor, Tape, Tensor> part, Tensor gradient) {
    try (Tape inner = recording(false)) {
      Scope.tracked(() -> backward(part.apply(start, inner), gradient));
      inner.backward();
    }
  }

  /** Goes back over all cuts. Gradients by the leaves of the graphs are added to theirs. */
  void backward() {
    Scope.untracked(
        () -> {
          while (!cuts.isEmpty()) {
            cuts.pop().run();
          }
          return this;
        });
  }

  /**
   * Backpropagates {@code gradient} from {@code output} through its graph, which is freed. The
   * start of a graph may take the gradient itself, not a copy, and change it later.
   */
  static void backward(Tensor output, Tensor gradient) {
    if (!output.is_leaf()) {
      output.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
    } else if (output.grad().defined()) {
      output.grad().add_(gradient);
    } else {
      output.mutable_grad().put(gradient);
    }
  }

  @Override
  public void close() {
    while (!cuts.isEmpty()) {
      cuts.pop().release();
    }
  }
}
