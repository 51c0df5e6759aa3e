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
   * Writes the cubes of {@code frames} in the given token order.
   *
   * @param frames exactly {@code geometry.frames() × height × width}
   * @param order token indices {@code [tokens]}; row r of the output is cube {@code order[r]}
   * @param cubes output {@code [tokens, cubeValues]}, written from index {@code at}
   * @throws IllegalArgumentException if the frames have another size than the geometry
   */
  public static void cut(Frames frames, ClipGeometry geometry, int[] order, byte[] cubes, int at) {
    if (frames.time() != geometry.frames()
        || frames.height() != geometry.height()
        || frames.width() != geometry.width()) {
      throw new IllegalArgumentException("%s does not fit %s".formatted(frames, geometry));
    }
    each(
        frames,
        geometry,
        order,
        at,
        (line, inCubes, run) -> System.arraycopy(frames.bytes(), line, cubes, inCubes, run));
  }

  /** Takes the place of a cube's row of pixels in a clip and in cubes, and its bytes. */
  private interface Copy {
    void of(int inFrames, int inCubes, int run);
  }

  private static void each(Frames frames, ClipGeometry geometry, int[] order, int at, Copy copy) {
    int run = geometry.patch() * ClipGeometry.CHANNELS;
    int to = at;
    for (int token : order) {
      int firstFrame = token / geometry.tokensPerSlice() * geometry.tubelet();
      int firstRow = token / geometry.gridWidth() % geometry.gridHeight() * geometry.patch();
      int firstColumn = token % geometry.gridWidth() * geometry.patch();
      for (int p0 = 0; p0 < geometry.tubelet(); p0++) {
        for (int p1 = 0; p1 < geometry.patch(); p1++) {
          copy.of(frames.offset(firstFrame + p0, firstRow + p1, firstColumn), to, run);
          to += run;
        }
      }
    }
  }

  /**
   * The inverse of {@link #cut}: frames from cubes {@code [tokens, cubeValues]} in token order
   * {@code order}.
   */
  public static Frames join(byte[] cubes, int at, int[] order, ClipGeometry geometry) {
    Frames frames =
        new Frames(
            geometry.frames(), geometry.height(), geometry.width(), new byte[geometry.clipBytes()]);
    each(
        frames,
        geometry,
        order,
        at,
        (line, inCubes, run) -> System.arraycopy(cubes, inCubes, frames.bytes(), line, run));
    return frames;
  }
}
