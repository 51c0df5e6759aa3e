package io.tubelet.masking;

import io.tubelet.geometry.ClipGeometry;
import java.util.random.RandomGenerator;

/**
 * Hides tokens anywhere in space and time ("agnostic" masking; arXiv 2205.09113, section 3).
 *
 * @param ratio share of the clip that is hidden; {@code floor(ratio · tokens)} tokens
 */
public record RandomMasking(double ratio) implements Masking {
  @Override
  public int hidden(ClipGeometry geometry) {
    return Masking.count(ratio, geometry.tokens());
  }

  @Override
  public Mask draw(ClipGeometry geometry, RandomGenerator random) {
    return Mask.of(Masking.choose(hidden(geometry), geometry.tokens(), random));
  }
}
