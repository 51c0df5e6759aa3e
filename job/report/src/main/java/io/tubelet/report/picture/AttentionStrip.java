package io.tubelet.report.picture;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.cube.CubeBatch;
import io.tubelet.cube.Cubes;

/**
 * One clip in grey, and orange where the encoder attends.
 *
 * @param frames all frames: a cube with no more than an even share of the attention is grey, one
 *     with the largest share, which must be twice the even one, is the most orange, those between
 *     are in proportion
 * @param strongest the largest share over an even one: 1 if the encoder attends to all alike
 */
public record AttentionStrip(String clip, Frames frames, double strongest) {
  private static final int[] ORANGE = {255, 140, 0};

  /** Share of the colour at its strongest: the picture must show through. */
  private static final double OPAQUE = 0.75;

  /** The least share over an even one that gets all the colour: less is next to nothing. */
  private static final double FULL = 2;

  /**
   * Paints the batch's only clip, of which nothing is hidden, by each token's share of the
   * attention {@code [tokens]}.
   */
  public static AttentionStrip of(CubeBatch batch, float[] received) {
    ClipGeometry geometry = batch.geometry();
    double largest = 0;
    for (float share : received) {
      largest = Math.max(largest, share);
    }
    double strongest = largest * received.length;
    byte[] painted = batch.cubes().clone();
    for (int row = 0; row < received.length; row++) {
      double above = received[batch.order()[row]] * received.length - 1;
      double heat = Math.max(0, above / (Math.max(strongest, FULL) - 1));
      paint(painted, row * geometry.cubeValues(), geometry.cubeValues(), OPAQUE * heat);
    }
    return new AttentionStrip(
        batch.clips().get(0), Cubes.join(painted, 0, batch.order(), geometry), strongest);
  }

  /** Each pixel becomes {@code (1 − heat) · grey + heat · orange}. */
  private static void paint(byte[] cubes, int from, int count, double heat) {
    for (int at = from; at < from + count; at += ClipGeometry.CHANNELS) {
      // luma of ITU-R BT.601
      double grey =
          0.299 * (cubes[at] & 0xFF)
              + 0.587 * (cubes[at + 1] & 0xFF)
              + 0.114 * (cubes[at + 2] & 0xFF);
      for (int channel = 0; channel < ClipGeometry.CHANNELS; channel++) {
        cubes[at + channel] = (byte) Math.round(grey + heat * (ORANGE[channel] - grey));
      }
    }
  }
}
