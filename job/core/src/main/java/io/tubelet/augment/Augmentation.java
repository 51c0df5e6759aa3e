package io.tubelet.augment;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.detect.Box;
import java.io.Serializable;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What happens to a clip's pixels before they are cut into cubes: bytes in, bytes out. In the order
 * of the fields of this record: RandAugment and colours of the stored frames, then crop and resize,
 * flip, erase, and last the mixing of a whole minibatch.
 *
 * @param flips each with probability 0.5 and independent of the others
 * @param repeats samples that are made of a clip each time it is read (arXiv 1901.09335; arXiv
 *     2205.09113, section 4)
 */
public record Augmentation(
    RandAugment policy,
    ColourJitter colours,
    Crop crop,
    List<Flip> flips,
    RandomErasing erasing,
    Mixup mixing,
    int repeats)
    implements Serializable {

  public Augmentation {
    flips = List.copyOf(flips);
  }

  public Augmentation(Crop crop, Flip... flips) {
    this(
        RandAugment.NONE,
        ColourJitter.NONE,
        crop,
        List.of(flips),
        RandomErasing.NONE,
        Mixup.NONE,
        1);
  }

  public Frames apply(Frames frames, ClipGeometry geometry, long seed, long epoch, String sample) {
    Frames varied = policy.apply(frames, SampleSeed.of(seed, epoch, sample, "randaugment"));
    varied = colours.apply(varied, SampleSeed.of(seed, epoch, sample, "colour"));
    RandomGenerator random = SampleSeed.of(seed, epoch, sample, "crop");
    int height = geometry.height();
    int width = geometry.width();
    Crop.Box box = crop.draw(frames.height(), frames.width(), height, width, random);
    Frames shown = Resize.crop(varied, box, height, width);
    for (Flip flip : drawn(seed, epoch, sample)) {
      shown = flip.apply(shown);
    }
    return erasing.apply(shown, SampleSeed.of(seed, epoch, sample, "erase"));
  }

  /** The class of the sample of this (seed, epoch, sample) of a clip of this class. */
  public String label(String label, long seed, long epoch, String sample) {
    String becomes = label;
    for (Flip flip : drawn(seed, epoch, sample)) {
      becomes = flip.label(becomes);
    }
    return becomes;
  }

  /** The box of the sample of this (seed, epoch, sample) of whole frames. */
  public Box box(Box box, long seed, long epoch, String sample) {
    Box becomes = box;
    for (Flip flip : drawn(seed, epoch, sample)) {
      becomes = flip.box(becomes);
    }
    return becomes;
  }

  /** What of it leaves boxes where they are, or can take them along. */
  public Augmentation ofWholeFrames() {
    return new Augmentation(
        RandAugment.NONE,
        colours,
        new Crop.Whole(),
        flips,
        RandomErasing.NONE,
        Mixup.NONE,
        repeats);
  }

  private List<Flip> drawn(long seed, long epoch, String sample) {
    RandomGenerator random = SampleSeed.of(seed, epoch, sample, "reflect");
    return flips.stream().filter(flip -> random.nextBoolean()).toList();
  }

  /** The name of one of the {@link #repeats} samples of a clip; the first is called as the clip. */
  public static String sample(String clip, int repeat) {
    return repeat == 0 ? clip : clip + "@" + repeat;
  }

  /**
   * Other colours, the same in every frame of a clip, so that motion stays and what it is a motion
   * of looks different each time: every channel shows one of the three, each of them once, as
   * {@code gain · (x − 128) + 128 + shift} of its bytes, cut to [0, 255], with a gain of 0.5 to 1.3
   * and a shift of −40 to 40 of its own; half of the clips are shown as negatives. Stronger than
   * the usual jitter of brightness and contrast (arXiv 2002.05709, appendix A), which inverts none.
   */
  public record ColourJitter(double probability) implements Serializable {
    public static final ColourJitter NONE = new ColourJitter(0);

    private static final int VALUES = 256;
    private static final double MIDDLE = 128;
    private static final double LEAST_GAIN = 0.5;
    private static final double MOST_GAIN = 1.3;
    private static final double MOST_SHIFT = 40;

    /** The clip in other colours, or the same object. */
    public Frames apply(Frames frames, RandomGenerator random) {
      if (random.nextDouble() >= probability) {
        return frames;
      }
      boolean negative = random.nextBoolean();
      int[] source = SampleSeed.permutation(ClipGeometry.CHANNELS, random);
      byte[] out = new byte[frames.bytes().length];
      byte[] table = new byte[VALUES];
      for (int channel = 0; channel < source.length; channel++) {
        double gain = random.nextDouble(LEAST_GAIN, MOST_GAIN) * (negative ? -1 : 1);
        double shift = random.nextDouble(-MOST_SHIFT, MOST_SHIFT);
        for (int value = 0; value < VALUES; value++) {
          table[value] = Frames.clipped(Math.round(gain * (value - MIDDLE) + MIDDLE + shift));
        }
        for (int i = 0; i < out.length; i += source.length) {
          out[i + channel] = table[frames.bytes()[i + source[channel]] & 0xFF];
        }
      }
      return frames.with(out);
    }
  }

  /**
   * Random erasing (arXiv 1708.04896) with noise: one box, the same in every frame of the clip, is
   * replaced by fresh normal noise for every value. Area 0.02 to 1/3 of the frame, aspect 0.3 to
   * 1/0.3 with a uniform logarithm, as in the published fine-tuning.
   *
   * <p>The published noise has deviation 1 after normalisation and no bounds; here it is a byte, so
   * what exceeds [0, 255] is cut, about 3 % of the values.
   */
  public record RandomErasing(double probability) implements Serializable {
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
          return erase(frames, new Crop.Box(top, left, height, width), random);
        }
      }
      return frames;
    }

    private static Frames erase(Frames frames, Crop.Box box, RandomGenerator random) {
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
}
