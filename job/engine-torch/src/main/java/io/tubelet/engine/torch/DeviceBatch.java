package io.tubelet.engine.torch;

import io.tubelet.training.DropPath;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A minibatch, or some clips of it, on the device.
 *
 * @param cubes uint8 {@code [batch, rows, cubeValues]}, visible rows first
 * @param order int32 {@code [batch, rows]}: token index of each row
 * @param labels fp32 {@code [batch, classes]}; zero classes where there are none
 * @param factors fp32 {@code [batch, 2 · depth + dim]} of {@link DropPath#factors}; zero columns
 *     where nothing is left out
 * @param visible how many of a clip's rows the encoder sees
 * @param of clips of the whole minibatch, over which the loss is a mean
 */
record DeviceBatch(
    Tensor cubes, Tensor order, Tensor labels, Tensor factors, long visible, int of) {

  int size() {
    return (int) cubes.size(0);
  }

  /** Rows the decoder must reconstruct, per clip. */
  long hidden() {
    return cubes.size(1) - visible;
  }

  /** {@code [batch, visible, cubeValues]}. */
  Tensor visibleCubes() {
    return cubes.narrow(1, 0, visible);
  }

  /** {@code [batch, visible]}. */
  Tensor visibleOrder() {
    return order.narrow(1, 0, visible);
  }

  /** {@code [batch, hidden, cubeValues]}. */
  Tensor hiddenCubes() {
    return cubes.narrow(1, visible, hidden());
  }

  /** Columns {@code from …} of the factors, {@code [batch, 1, columns]}; null if there are none. */
  Tensor factors(long from, long columns) {
    return factors.size(1) == 0 ? null : factors.narrow(1, from, columns).unsqueeze(1);
  }

  /** Some of the clips. */
  DeviceBatch clips(long from, long count) {
    return new DeviceBatch(
        cubes.narrow(0, from, count),
        order.narrow(0, from, count),
        labels.narrow(0, from, count),
        factors.narrow(0, from, count),
        visible,
        of);
  }

  /** All clips in portions of nearly equal size, none larger than {@code most}. */
  List<DeviceBatch> portions(int most) {
    return shares((size() + most - 1) / most);
  }

  /** All clips in so many shares of nearly equal size. */
  List<DeviceBatch> shares(int count) {
    List<DeviceBatch> portions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int from = (int) ((long) size() * i / count);
      int to = (int) ((long) size() * (i + 1) / count);
      portions.add(clips(from, to - from));
    }
    return portions;
  }
}
