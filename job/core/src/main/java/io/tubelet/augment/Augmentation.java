package io.tubelet.augment;

import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.geometry.ClipGeometry;
import java.io.Serializable;
import java.util.random.RandomGenerator;

/**
 * What happens to a clip's pixels before they are cut into cubes: bytes in, bytes out.
 *
 * @param crop which part is shown
 * @param flip whether every second sample is mirrored; wrong where left and right carry the label
 */
public record Augmentation(Crop crop, boolean flip) implements Serializable {

  /** The sample of this (seed, epoch, clip). */
  public Frames apply(Frames frames, ClipGeometry geometry, long seed, long epoch, String clip) {
    RandomGenerator random = SampleSeed.of(seed, epoch, clip, "crop");
    Box box =
        crop.draw(frames.height(), frames.width(), geometry.height(), geometry.width(), random);
    boolean mirrored = flip && random.nextBoolean();
    return Resize.crop(frames, box, geometry.height(), geometry.width(), mirrored);
  }
}
