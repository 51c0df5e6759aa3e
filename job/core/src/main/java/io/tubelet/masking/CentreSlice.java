package io.tubelet.masking;

import io.tubelet.geometry.ClipGeometry;
import java.util.random.RandomGenerator;

/**
 * Asks the decoder for the hidden tokens of the slice with the clip's middle frame alone (the
 * target "centre frame", arXiv 2203.12602, table 1c).
 *
 * @param law what is hidden from the encoder: equally much in every slice
 */
public record CentreSlice(TubeMasking law) implements Masking {

  @Override
  public int hidden(ClipGeometry geometry) {
    return law.hidden(geometry);
  }

  @Override
  public int rows(ClipGeometry geometry) {
    return geometry.tokens() - hidden(geometry) + hidden(geometry) / geometry.gridTime();
  }

  @Override
  public Masking whole() {
    return law;
  }

  @Override
  public Mask draw(ClipGeometry geometry, RandomGenerator random) {
    boolean[] centre = new boolean[geometry.tokens()];
    for (int n = 0; n < centre.length; n++) {
      centre[n] = n / geometry.tokensPerSlice() == geometry.centreFrame() / geometry.tubelet();
    }
    return law.draw(geometry, random).asking(centre);
  }
}
