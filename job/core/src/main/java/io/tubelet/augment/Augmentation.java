package io.tubelet.augment;

import io.tubelet.augment.Crop.Box;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import java.io.Serializable;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What happens to a clip's pixels before they are cut into cubes: bytes in, bytes out. In the order
 * of the fields of this record: RandAugment and colours of the stored frames, then crop and resize,
 * turn round, erase, and last the mixing of a whole minibatch.
 *
 * @param policy RandAugment; fine-tuning only
 * @param colours jitter of colours
 * @param crop which part is shown
 * @param reflections each is done to every second sample, whatever the others are
 * @param erasing fine-tuning only
 * @param mixing of a minibatch's samples; fine-tuning only
 * @param repeats samples that are made of a clip each time it is read (arXiv 1901.09335; arXiv
 *     2205.09113, section 4)
 */
public record Augmentation(
    RandAugment policy,
    ColourJitter colours,
    Crop crop,
    List<Flip> reflections,
    RandomErasing erasing,
    Mixup mixing,
    int repeats)
    implements Serializable {

  /** Copies the reflections. */
  public Augmentation {
    reflections = List.copyOf(reflections);
  }

  /** Crop and reflections alone. */
  public Augmentation(Crop crop, Flip... reflections) {
    this(
        RandAugment.NONE,
        ColourJitter.NONE,
        crop,
        List.of(reflections),
        RandomErasing.NONE,
        Mixup.NONE,
        1);
  }

  /** The sample of this (seed, epoch, sample). */
  public Frames apply(Frames frames, ClipGeometry geometry, long seed, long epoch, String sample) {
    Frames varied = policy.apply(frames, SampleSeed.of(seed, epoch, sample, "randaugment"));
    varied = colours.apply(varied, SampleSeed.of(seed, epoch, sample, "colour"));
    RandomGenerator random = SampleSeed.of(seed, epoch, sample, "crop");
    Box box =
        crop.draw(frames.height(), frames.width(), geometry.height(), geometry.width(), random);
    Frames shown = Resize.crop(varied, box, geometry.height(), geometry.width());
    for (Flip reflection : drawn(seed, epoch, sample)) {
      shown = reflection.apply(shown);
    }
    return erasing.apply(shown, SampleSeed.of(seed, epoch, sample, "erase"));
  }

  /** The class of the sample of this (seed, epoch, sample) of a clip of this class. */
  public String label(String label, long seed, long epoch, String sample) {
    String becomes = label;
    for (Flip reflection : drawn(seed, epoch, sample)) {
      becomes = reflection.label(becomes);
    }
    return becomes;
  }

  private List<Flip> drawn(long seed, long epoch, String sample) {
    RandomGenerator random = SampleSeed.of(seed, epoch, sample, "reflect");
    return reflections.stream().filter(reflection -> random.nextBoolean()).toList();
  }

  /** The name of one of the {@link #repeats} samples of a clip; the first is called as the clip. */
  public static String sample(String clip, int repeat) {
    return repeat == 0 ? clip : clip + "@" + repeat;
  }
}
