package io.tubelet.cube;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.masking.Mask;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One minibatch as it travels: bytes and token indices, nothing wider than a byte per pixel.
 *
 * <p>The rows of a clip stand in the order of its mask: first the {@code visible} cubes that the
 * encoder sees, then the hidden ones that the decoder must reconstruct, each ascending; tokens that
 * are neither have no row. Without a mask all rows are visible and in grid order. The arrays are
 * shared, not copied, and must not be written to.
 *
 * @param visible how many of each clip's rows the encoder sees
 * @param cubes uint8 {@code [batch, rows, cubeValues]}
 * @param order token index of each row {@code [batch, rows]}
 * @param labels target distribution {@code [batch, classes]}; of a batch with boxes 1 for what is
 *     done in a box, else 0, {@code [batch, boxes, classes]}; empty where there are no labels
 * @param boxes left, top, right and bottom of each clip's boxes as shares of the frame {@code
 *     [batch, boxes, 4]}; NaN where a clip has fewer, whose labels are -1; mostly empty
 * @param clips the samples' names {@code [batch]}: a clip's id, and a number where it is shown
 *     repeatedly
 * @param seed from which, and a clip's id, drop path and dropout of that clip are drawn
 */
public record CubeBatch(
    ClipGeometry geometry,
    int visible,
    byte[] cubes,
    int[] order,
    float[] labels,
    float[] boxes,
    List<String> clips,
    long seed)
    implements Serializable {
  /** Numbers of a box. */
  public static final int CORNERS = 4;

  /** Fails if an array has another length than the sizes say. */
  public CubeBatch {
    clips = List.copyOf(clips);
    if (clips.isEmpty()
        || order.length % clips.size() != 0
        || cubes.length != (long) order.length * geometry.cubeValues()) {
      throw new IllegalArgumentException(
          "batch of %d clips of %s: %d bytes, %d indices"
              .formatted(clips.size(), geometry, cubes.length, order.length));
    }
    int rows = order.length / clips.size();
    boolean divided = visible >= 1 && visible <= rows && rows <= geometry.tokens();
    if (!divided
        || labels.length % clips.size() != 0
        || boxes.length % (CORNERS * clips.size()) != 0) {
      throw new IllegalArgumentException(
          "%d of %d rows visible, %d label values and %d corners for %d clips"
              .formatted(visible, rows, labels.length, boxes.length, clips.size()));
    }
  }

  public int size() {
    return clips.size();
  }

  public int rows() {
    return order.length / clips.size();
  }

  /** Tokens the decoder must reconstruct, per clip. */
  public int hidden() {
    return rows() - visible;
  }

  /** Boxes of the clip with the most of them. */
  public int boxesPerClip() {
    return boxes.length / CORNERS / clips.size();
  }

  /** Label values of a clip; 0 where there are none. */
  public int classes() {
    return labels.length / clips.size();
  }

  /**
   * Cuts cropped clips into a batch without boxes; {@code labels [batch, classes]} may be empty.
   *
   * @throws IllegalArgumentException if the frames have another size than the geometry, or the
   *     masks differ in a number of tokens
   */
  public static CubeBatch cut(
      ClipGeometry geometry,
      List<Frames> frames,
      List<Mask> masks,
      float[] labels,
      List<String> clips) {
    Patchifier cutting =
        new Patchifier(
            geometry, frames.size(), masks.get(0).visible(), masks.get(0).order().length);
    for (int i = 0; i < frames.size(); i++) {
      cutting.cut(i, frames.get(i), masks.get(i));
    }
    int[] all = IntStream.range(0, frames.size()).toArray();
    return cutting.batch(all, labels, new float[0], clips, 0);
  }

  /**
   * The arrays of a minibatch in the making. Each sample has its place in them, so several threads
   * may cut samples at a time, each another one.
   */
  public static final class Patchifier {
    private final ClipGeometry geometry;
    private final int samples;
    private final int visible;
    private final int rows;
    private final byte[] cubes;
    private final int[] order;

    /**
     * @param rows visible tokens and targets of each sample
     */
    public Patchifier(ClipGeometry geometry, int samples, int visible, int rows) {
      this.geometry = geometry;
      this.samples = samples;
      this.visible = visible;
      this.rows = rows;
      cubes = new byte[Math.multiplyExact(samples, rows * geometry.cubeValues())];
      order = new int[samples * rows];
    }

    /** Cuts a sample in the order of its mask, which must have these numbers of tokens. */
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
     * @param boxes {@code [present, boxes, 4]} or empty
     */
    public CubeBatch batch(
        int[] present, float[] labels, float[] boxes, List<String> names, long seed) {
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
          boxes,
          names,
          seed);
    }
  }
}
