package io.tubelet.masking;

import io.tubelet.geometry.ClipGeometry;
import java.io.Serializable;
import java.util.random.RandomGenerator;

/**
 * A law by which tokens are hidden from the encoder. Every mask of one law and geometry hides
 * exactly the same number of tokens, so a batch of masks is a rectangle.
 */
public sealed interface Masking extends Serializable
    permits TubeMasking, RandomMasking, FrameMasking, NoMasking, RunningCell, CentreSlice {

  /** How many of the clip's tokens every mask hides. */
  int hidden(ClipGeometry geometry);

  /** How many tokens every mask has in its order: all that are not left out. */
  default int rows(ClipGeometry geometry) {
    return geometry.tokens();
  }

  /** The law that hides the same tokens and asks for all of them. */
  default Masking whole() {
    return this;
  }

  /** One mask, drawn from {@code random} alone. */
  Mask draw(ClipGeometry geometry, RandomGenerator random);

  /** Exactly {@code count} of {@code size} places, uniformly: a partial Fisher–Yates shuffle. */
  static boolean[] choose(int count, int size, RandomGenerator random) {
    int[] places = new int[size];
    for (int i = 0; i < size; i++) {
      places[i] = i;
    }
    boolean[] chosen = new boolean[size];
    for (int i = 0; i < count; i++) {
      int j = i + random.nextInt(size - i);
      chosen[places[j]] = true;
      places[j] = places[i];
    }
    return chosen;
  }

  /**
   * {@code ratio} in (0, 1) of {@code size}, rounded down as the published code does.
   *
   * @throws IllegalArgumentException if nothing or everything would be hidden
   */
  static int count(double ratio, int size) {
    int count = (int) Math.floor(ratio * size);
    if (!(ratio > 0 && ratio < 1) || count < 1 || count >= size) {
      throw new IllegalArgumentException(
          "mask ratio %s of %d places hides %d; at least one must be hidden and one visible"
              .formatted(ratio, size, count));
    }
    return count;
  }
}
