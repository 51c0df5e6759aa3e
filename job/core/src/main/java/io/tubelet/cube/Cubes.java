package io.tubelet.cube;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;

/**
 * Cuts frames into cubes and puts cubes back into frames.
 *
 * <p>The bytes of one cube are in the target's order, "pixel-major": {@code ((p0 · patch + p1) ·
 * patch + p2) · 3 + c} with p0 the frame inside the cube, p1 the row, p2 the column, c the channel.
 * The embedding's kernel {@code [dim, channel, tubelet, patch, patch]} is "channel-major"; engines
 * permute the kernel once instead of every clip.
 */
public final class Cubes {
  private Cubes() {}

  /**
   * Writes the cubes of frames, which must have the geometry's size, to {@code cubes [rows,
   * cubeValues]} from index {@code at} on, row r being cube {@code order[r]}.
   */
  public static void cut(Frames frames, ClipGeometry geometry, int[] order, byte[] cubes, int at) {
    if (frames.time() != geometry.frames()
        || frames.height() != geometry.height()
        || frames.width() != geometry.width()) {
      throw new IllegalArgumentException("%s does not fit %s".formatted(frames, geometry));
    }
    copy(frames, geometry, order, cubes, at, true);
  }

  /** Copies each row of pixels of a cube, out of the frames or into them. */
  private static void copy(
      Frames frames, ClipGeometry geometry, int[] order, byte[] cubes, int at, boolean out) {
    int run = geometry.patch() * ClipGeometry.CHANNELS;
    int inCubes = at;
    for (int token : order) {
      int firstFrame = token / geometry.tokensPerSlice() * geometry.tubelet();
      int firstRow = token / geometry.gridWidth() % geometry.gridHeight() * geometry.patch();
      int firstColumn = token % geometry.gridWidth() * geometry.patch();
      for (int p0 = 0; p0 < geometry.tubelet(); p0++) {
        for (int p1 = 0; p1 < geometry.patch(); p1++) {
          int inFrames = frames.offset(firstFrame + p0, firstRow + p1, firstColumn);
          if (out) {
            System.arraycopy(frames.bytes(), inFrames, cubes, inCubes, run);
          } else {
            System.arraycopy(cubes, inCubes, frames.bytes(), inFrames, run);
          }
          inCubes += run;
        }
      }
    }
  }

  /** The inverse of {@link #cut}. */
  public static Frames join(byte[] cubes, int at, int[] order, ClipGeometry geometry) {
    byte[] bytes = new byte[geometry.clipBytes()];
    Frames frames = new Frames(geometry.frames(), geometry.height(), geometry.width(), bytes);
    copy(frames, geometry, order, cubes, at, false);
    return frames;
  }
}
