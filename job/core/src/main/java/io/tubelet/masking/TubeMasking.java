package io.tubelet.masking;

import io.tubelet.clip.ClipGeometry;
import java.util.random.RandomGenerator;

/**
 * Tube masking: one spatial mask, repeated in every temporal slice, so that no hidden cube can be
 * copied from a neighbour in time (arXiv 2203.12602, section 3.2). Of every slice {@code
 * floor(ratio · tokensPerSlice)} tokens are hidden.
 */
public record TubeMasking(double ratio) implements Masking {
  @Override
  public int hidden(ClipGeometry geometry) {
    return geometry.gridTime() * Masking.count(ratio, geometry.tokensPerSlice());
  }

  @Override
  public Mask draw(ClipGeometry geometry, RandomGenerator random) {
    int slice = geometry.tokensPerSlice();
    boolean[] tube = Masking.choose(Masking.count(ratio, slice), slice, random);
    return Mask.of(geometry.tokens(), n -> tube[n % slice]);
  }
}
