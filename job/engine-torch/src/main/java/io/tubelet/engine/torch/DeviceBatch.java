package io.tubelet.engine.torch;

import io.tubelet.cube.CubeBatch;
import io.tubelet.train.DropPath;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A minibatch, or some clips of it, on the device.
 *
 * @param cubes uint8 {@code [batch, rows, cubeValues]}, visible rows first
 * @param order int32 {@code [batch, rows]}: token index of each row
 * @param labels fp32 {@code [batch, classes]}, with boxes {@code [batch, boxes · classes]}; zero
 *     classes where there are none; of {@link Contrastive} the gradient by a clip's feature
 * @param bins fp32 {@code [batch, boxes · 49 · tokens of a slice]} of {@link Detection#bins}; zero
 *     columns without boxes
 * @param factors fp32 {@code [batch, 2 · depth + dim]} of {@link DropPath#factors}; zero columns
 *     without drop path and dropout
 * @param visible how many of a clip's rows the encoder sees
 * @param of clips of the whole minibatch, or its boxes if it has any, over which the loss is a mean
 */
record DeviceBatch(
    Tensor cubes, Tensor order, Tensor labels, Tensor bins, Tensor factors, long visible, int of) {

  int size() {
    return (int) cubes.size(0);
  }

  long hidden() {
    return cubes.size(1) - visible;
  }

  /** Columns {@code from …} of the factors, {@code [batch, 1, columns]}; null if there are none. */
  Tensor factors(long from, long columns) {
    return factors.size(1) == 0 ? null : factors.narrow(1, from, columns).unsqueeze(1);
  }

  /** What dropout leaves of the classifier's input {@code [batch, rows, dim]}. */
  Tensor dropped(Tensor input) {
    Tensor factors = factors(factors().size(1) - input.size(2), input.size(2));
    return factors == null ? input : input.mul(factors);
  }

  DeviceBatch withLabels(Tensor others) {
    return new DeviceBatch(cubes, order, others, bins, factors, visible, of);
  }

  /** All clips in shares of nearly equal size. */
  List<DeviceBatch> shares(int count) {
    return IntStream.range(0, count).mapToObj(share -> share(share, count)).toList();
  }

  private DeviceBatch share(long share, int count) {
    long from = share * size() / count;
    long clips = (share + 1) * size() / count - from;
    return new DeviceBatch(
        cubes.narrow(0, from, clips),
        order.narrow(0, from, clips),
        labels.narrow(0, from, clips),
        bins.narrow(0, from, clips),
        factors.narrow(0, from, clips),
        visible,
        of);
  }

  /** All clips in micro-batches, given that a network takes this many tokens of each clip. */
  List<DeviceBatch> microBatches(TorchDevice device, long tokens) {
    int most = device.microBatch(tokens);
    return shares((size() + most - 1) / most);
  }

  /**
   * A whole batch on the device; its tensors belong to the caller's scope. For a card the bytes are
   * pinned and their copy is queued behind what the card still computes.
   */
  static DeviceBatch place(CubeBatch batch, float[] factors, TorchDevice device) {
    long clips = batch.size();
    TensorOptions bytes =
        new TensorOptions(ScalarType.Byte).pinned_memory(new BoolOptional(device.isCuda()));
    Tensor cubes =
        torch.empty(
            new long[] {clips, batch.rows(), batch.geometry().cubeValues()},
            bytes,
            new MemoryFormatOptional());
    new BytePointer(cubes.data_ptr()).put(batch.cubes(), 0, batch.cubes().length);
    Tensor order = torch.tensor(batch.order(), new TensorOptions(ScalarType.Int));
    return new DeviceBatch(
        moved(cubes, device),
        moved(order, device).view(clips, batch.rows()),
        moved(floats(batch.labels(), clips), device),
        moved(floats(Detection.bins(batch.geometry(), batch.boxes()), clips), device),
        moved(floats(factors, clips), device),
        batch.visible(),
        batch.boxes().length == 0 ? batch.size() : Detection.boxes(batch.boxes()));
  }

  private static Tensor floats(float[] values, long clips) {
    return torch
        .tensor(values, new TensorOptions(ScalarType.Float))
        .view(clips, values.length / clips);
  }

  private static Tensor moved(Tensor tensor, TorchDevice device) {
    return tensor.to(device.options(tensor.scalar_type()), true, false, new MemoryFormatOptional());
  }
}
