package io.tubelet.clip;

import java.io.Serializable;

/**
 * The size of a clip as the network sees it, and the grid of cubes (tubelets) it is cut into.
 *
 * <p>Token {@code n} of a clip is the cube at (t, y, x) with {@code n = (t · gridHeight + y) ·
 * gridWidth + x}: x fastest, time slowest (arXiv 2203.12602, section 3.1).
 *
 * @param tubelet frames of one cube; divides {@code frames}
 * @param patch rows and columns of one cube; divides {@code height} and {@code width}
 */
public record ClipGeometry(int frames, int height, int width, int tubelet, int patch)
    implements Serializable {

  public static final int CHANNELS = 3;

  /** Fails if a size is not positive or the cubes do not fill the clip. */
  public ClipGeometry {
    if (frames < 1 || height < 1 || width < 1 || tubelet < 1 || patch < 1) {
      throw new IllegalArgumentException(
          "clip sizes must be positive: %d x %d x %d in cubes of %d x %d x %d"
              .formatted(frames, height, width, tubelet, patch, patch));
    }
    requireDivides("frames", frames, "tubelet", tubelet);
    requireDivides("height", height, "patch", patch);
    requireDivides("width", width, "patch", patch);
  }

  private static void requireDivides(String name, int size, String by, int part) {
    if (size % part != 0) {
      throw new IllegalArgumentException(
          "%s = %d is not a multiple of %s = %d".formatted(name, size, by, part));
    }
  }

  public int gridTime() {
    return frames / tubelet;
  }

  public int gridHeight() {
    return height / patch;
  }

  public int gridWidth() {
    return width / patch;
  }

  /** Tokens of one temporal slice: {@code gridHeight · gridWidth}. */
  public int tokensPerSlice() {
    return gridHeight() * gridWidth();
  }

  public int tokens() {
    return gridTime() * tokensPerSlice();
  }

  /** Index of the middle frame; of an even number the later of the two. */
  public int centreFrame() {
    return frames / 2;
  }

  /** Bytes of one cube: {@code tubelet · patch · patch · channel}. */
  public int cubeValues() {
    return tubelet * patch * patch * CHANNELS;
  }

  public int clipBytes() {
    return Math.multiplyExact(Math.multiplyExact(frames, height), width * CHANNELS);
  }
}
