package io.tubelet.cube;

import io.tubelet.clip.Frames;
import io.tubelet.geometry.ClipGeometry;
import io.tubelet.masking.Mask;
import java.util.Arrays;
import java.util.List;

/**
 * The arrays of a minibatch in the making. Each sample has its place in them, so several threads
 * may cut samples at a time, each another one.
 */
public final class Cutting {
  private final ClipGeometry geometry;
  private final int samples;
  private final int visible;
  private final int rows;
  private final byte[] cubes;
  private final int[] order;

  /**
   * @param samples at most so many
   * @param visible tokens of each that the encoder sees
   * @param rows tokens of each that are not left out
   */
  public Cutting(ClipGeometry geometry, int samples, int visible, int rows) {
    this.geometry = geometry;
    this.samples = samples;
    this.visible = visible;
    this.rows = rows;
    cubes = new byte[Math.multiplyExact(samples, rows * geometry.cubeValues())];
    order = new int[samples * rows];
  }

  /**
   * Cuts a sample in the order of its mask.
   *
   * @throws IllegalArgumentException if the mask shows or leaves out another number of tokens
   */
  public void cut(int sample, Frames frames, Mask mask) {
    if (mask.visible() != visible || mask.order().length != rows) {
      throw new IllegalArgumentException(
          "masks of one batch show %d and %d tokens of %d and %d"
              .formatted(visible, mask.visible(), rows, mask.order().length));
    }
    Cubes.cut(frames, geometry, mask.order(), cubes, sample * rows * geometry.cubeValues());
    System.arraycopy(mask.order(), 0, order, sample * rows, rows);
  }

  /**
   * The minibatch, which takes the arrays: nothing may be cut afterwards.
   *
   * @param present the samples that were cut, ascending; the gaps of others are closed
   * @param labels {@code [present, classes]} or empty
   * @param names of the samples that are present
   */
  public CubeBatch batch(int[] present, float[] labels, List<String> names) {
    int bytes = rows * geometry.cubeValues();
    for (int i = 0; i < present.length; i++) {
      if (present[i] != i) {
        System.arraycopy(cubes, present[i] * bytes, cubes, i * bytes, bytes);
        System.arraycopy(order, present[i] * rows, order, i * rows, rows);
      }
    }
    boolean whole = present.length == samples;
    return new CubeBatch(
        geometry,
        visible,
        whole ? cubes : Arrays.copyOf(cubes, present.length * bytes),
        whole ? order : Arrays.copyOf(order, present.length * rows),
        labels,
        names);
  }
}
