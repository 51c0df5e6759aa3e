package io.tubelet.augment;

import io.tubelet.augment.Crop.Box;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import java.io.Serializable;
import java.util.random.RandomGenerator;

/**
 * Random erasing (arXiv 1708.04896) with noise: one box, the same in every frame of the clip, is
 * replaced by fresh normal noise for every value. Area 0.02 to 1/3 of the frame, aspect 0.3 to
 * 1/0.3 with a uniform logarithm, as in the published fine-tuning.
 *
 * <p>The published noise has deviation 1 after normalisation and no bounds; here it is a byte, so
 * what exceeds [0, 255] is cut, about 3 % of the values.
 *
 * @param probability that a clip is erased
 */
public record RandomErasing(double probability) implements Serializable {
  /** Leaves clips as they are. */
  public static final RandomErasing NONE = new RandomErasing(0);

  private static final double LEAST_AREA = 0.02;
  private static final double MOST_AREA = 1.0 / 3;
  private static final double LEAST_ASPECT = 0.3;
  private static final int TRIES = 10;
  // mean and deviation of ImageNet's channels in bytes: what normalisation will undo
  private static final double[] MEAN = {0.485 * 255, 0.456 * 255, 0.406 * 255};
  private static final double[] DEVIATION = {0.229 * 255, 0.224 * 255, 0.225 * 255};

  /** The clip with a box erased, or the same object. */
  public Frames apply(Frames frames, RandomGenerator random) {
    if (random.nextDouble() >= probability) {
      return frames;
    }
    for (int attempt = 0; attempt < TRIES; attempt++) {
      double area = random.nextDouble(LEAST_AREA, MOST_AREA) * frames.height() * frames.width();
      double bound = -StrictMath.log(LEAST_ASPECT);
      double aspect = StrictMath.exp(random.nextDouble(-bound, bound));
      int height = (int) Math.round(Math.sqrt(area * aspect));
      int width = (int) Math.round(Math.sqrt(area / aspect));
      if (height > 0 && width > 0 && height < frames.height() && width < frames.width()) {
        int top = random.nextInt(frames.height() - height + 1);
        int left = random.nextInt(frames.width() - width + 1);
        return erase(frames, new Box(top, left, height, width), random);
      }
    }
    return frames;
  }

  private static Frames erase(Frames frames, Box box, RandomGenerator random) {
    byte[] out = frames.bytes().clone();
    for (int t = 0; t < frames.time(); t++) {
      for (int y = 0; y < box.height(); y++) {
        int at = frames.offset(t, box.top() + y, box.left());
        for (int i = 0; i < box.width() * ClipGeometry.CHANNELS; i++) {
          int channel = i % ClipGeometry.CHANNELS;
          long value = Math.round(MEAN[channel] + DEVIATION[channel] * random.nextGaussian());
          out[at + i] = Frames.clipped(value);
        }
      }
    }
    return frames.with(out);
  }
}
