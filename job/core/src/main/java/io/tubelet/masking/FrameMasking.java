package io.tubelet.masking;

import io.tubelet.geometry.ClipGeometry;
import java.util.random.RandomGenerator;

/**
 * Hides whole temporal slices (the "frame" row of the masking ablation, arXiv 2203.12602, table
 * 1b).
 *
 * @param ratio share of the slices that is hidden; {@code floor(ratio · gridTime)} slices
 */
public record FrameMasking(double ratio) implements Masking {
  @Override
  public int hidden(ClipGeometry geometry) {
    return Masking.count(ratio, geometry.gridTime()) * geometry.tokensPerSlice();
  }

  @Override
  public Mask draw(ClipGeometry geometry, RandomGenerator random) {
    int slices = geometry.gridTime();
    boolean[] chosen = Masking.choose(Masking.count(ratio, slices), slices, random);
    boolean[] hidden = new boolean[geometry.tokens()];
    for (int n = 0; n < hidden.length; n++) {
      hidden[n] = chosen[n / geometry.tokensPerSlice()];
    }
    return Mask.of(hidden);
  }
}
