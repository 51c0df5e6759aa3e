package io.tubelet.masking;

import io.tubelet.geometry.ClipGeometry;
import java.util.random.RandomGenerator;

/** Hides nothing: fine-tuning and evaluation see the whole clip. */
public record NoMasking() implements Masking {
  @Override
  public int hidden(ClipGeometry geometry) {
    return 0;
  }

  @Override
  public Mask draw(ClipGeometry geometry, RandomGenerator random) {
    return Mask.none(geometry.tokens());
  }
}
