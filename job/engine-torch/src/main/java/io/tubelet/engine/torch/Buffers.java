package io.tubelet.engine.torch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Tensors that are used again. What is taken and not given back, because a pass was interrupted, is
 * freed by {@link #close} like the rest; afterwards the object is as new.
 */
final class Buffers implements AutoCloseable {
  private final List<Tensor> owned = new ArrayList<>();
  private final List<Tensor> free = new ArrayList<>();

  /** A tensor of this shape with arbitrary values. */
  Tensor take(ScalarType type, long... shape) {
    for (Tensor tensor : free) {
      if (Site.type(tensor) == type && Arrays.equals(tensor.sizes().vec().get(), shape)) {
        free.remove(tensor);
        return tensor;
      }
    }
    Tensor tensor =
        Scope.own(() -> torch.empty(shape, new TensorOptions(type), new MemoryFormatOptional()));
    owned.add(tensor);
    return tensor;
  }

  /** Lets another taker have it. */
  void giveBack(Tensor tensor) {
    free.add(tensor);
  }

  @Override
  public void close() {
    owned.forEach(Tensor::releaseReference);
    owned.clear();
    free.clear();
  }
}
