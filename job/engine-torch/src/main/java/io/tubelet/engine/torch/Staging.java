package io.tubelet.engine.torch;

import io.tubelet.cube.CubeBatch;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Brings batches to the device. The bytes go through one buffer that is used again; for a card it
 * is pinned and the copy is queued behind what the card still computes. Whoever uses the batch must
 * have read a result of it before the next one is placed.
 */
final class Staging implements AutoCloseable {
  private final Site site;
  private Tensor bytes;

  Staging(Site site) {
    this.site = site;
  }

  /** The batch on the device, whole; its tensors belong to the caller's scope. */
  DeviceBatch place(CubeBatch batch) {
    return place(batch, new float[0]);
  }

  /** The batch and what is left out of it, as {@link DeviceBatch#factors} has it. */
  DeviceBatch place(CubeBatch batch, float[] factors) {
    long clips = batch.size();
    long rows = batch.rows();
    long values = batch.geometry().cubeValues();
    Tensor staged = buffer(batch.cubes().length);
    new BytePointer(staged.data_ptr()).put(batch.cubes(), 0, batch.cubes().length);
    return new DeviceBatch(
        moved(staged).view(clips, rows, values),
        moved(torch.tensor(batch.order(), new TensorOptions(ScalarType.Int))).view(clips, rows),
        moved(floats(batch.labels(), clips)),
        moved(floats(factors, clips)),
        batch.visible(),
        batch.size());
  }

  private static Tensor floats(float[] values, long clips) {
    return torch
        .tensor(values, new TensorOptions(ScalarType.Float))
        .view(clips, values.length / clips);
  }

  private Tensor moved(Tensor tensor) {
    if (!site.isCuda()) {
      return tensor;
    }
    return tensor.to(site.options(tensor.scalar_type()), true, false, new MemoryFormatOptional());
  }

  private Tensor buffer(long size) {
    if (bytes == null || bytes.numel() != size) {
      close();
      bytes = Scope.own(() -> empty(size));
    }
    return bytes;
  }

  private Tensor empty(long size) {
    TensorOptions options =
        new TensorOptions(ScalarType.Byte).pinned_memory(new BoolOptional(site.isCuda()));
    return torch.empty(new long[] {size}, options, new MemoryFormatOptional());
  }

  @Override
  public void close() {
    if (bytes != null) {
      bytes.releaseReference();
      bytes = null;
    }
  }
}
