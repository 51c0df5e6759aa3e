package io.tubelet.engine.torch;

import io.tubelet.engine.Placement;
import java.util.Locale;

/**
 * A device has not enough memory for a step. What the step had taken is free again; the engine's
 * weights are as before the step and it can be used on.
 */
public final class OutOfNativeMemoryException extends RuntimeException {
  private OutOfNativeMemoryException(String message, RuntimeException cause) {
    super(message, cause);
  }

  /** Explains {@code failure} if LibTorch failed for want of memory; else it is returned as is. */
  static RuntimeException or(RuntimeException failure, Placement placement) {
    String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
    if (!message.contains("out of memory") && !message.contains("allocate memory")) {
      return failure;
    }
    return new OutOfNativeMemoryException(
        "%s has not enough memory for this step; take a smaller engine.micro-batch"
                .formatted(placement.device())
            + " or batch, or set engine.recompute = true",
        failure);
  }
}
