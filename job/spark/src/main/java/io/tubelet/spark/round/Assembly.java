package io.tubelet.spark.round;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Mixup;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.cube.CubeBatch;
import io.tubelet.cube.CubeBatch.Patchifier;
import io.tubelet.masking.Mask;
import io.tubelet.spark.store.ClipRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A minibatch in the making. Each clip has its place in it, so several threads may add clips; a
 * clip is cut into cubes as soon as it is cropped, while its pixels are still in the caches, unless
 * the samples must be mixed before.
 */
final class Assembly {
  private final Presentation presentation;
  private final List<ClipRow> clips;
  private final long epoch;
  private final int repeats;
  private final boolean mixes;
  private final boolean[] added;
  private final Frames[] uncut;
  private final Patchifier cutting;

  Assembly(Presentation presentation, List<ClipRow> clips, long epoch) {
    ClipGeometry geometry = presentation.geometry();
    this.presentation = presentation;
    this.clips = clips;
    this.epoch = epoch;
    repeats = presentation.augmentation().repeats();
    mixes = !presentation.augmentation().mixing().equals(Mixup.NONE);
    int samples = clips.size() * repeats;
    added = new boolean[clips.size()];
    uncut = new Frames[samples];
    cutting =
        new Patchifier(
            geometry,
            samples,
            geometry.tokens() - presentation.masking().hidden(geometry),
            presentation.masking().rows(geometry));
  }

  /** Adds all samples of a clip; {@code stored} is not looked at afterwards. */
  void add(int clip, Frames stored) {
    for (int repeat = 0; repeat < repeats; repeat++) {
      Frames frames =
          presentation
              .augmentation()
              .apply(
                  stored,
                  presentation.geometry(),
                  presentation.seed(),
                  epoch,
                  name(clip * repeats + repeat));
      if (mixes) {
        uncut[clip * repeats + repeat] = frames;
      } else {
        cut(clip * repeats + repeat, frames);
      }
    }
    added[clip] = true;
  }

  private String name(int sample) {
    return Augmentation.sample(clips.get(sample / repeats).id(), sample % repeats);
  }

  private void cut(int sample, Frames frames) {
    Mask mask =
        presentation
            .masking()
            .draw(
                presentation.geometry(),
                SampleSeed.of(presentation.seed(), epoch, name(sample), "mask"));
    cutting.cut(sample, frames, mask);
  }

  /** The minibatch of the clips that were added, in their order; empty if none was. */
  Optional<CubeBatch> finish() {
    List<ClipRow> present = new ArrayList<>();
    List<Integer> samples = new ArrayList<>();
    for (int sample = 0; sample < uncut.length; sample++) {
      if (added[sample / repeats]) {
        samples.add(sample);
        present.add(clips.get(sample / repeats));
      }
    }
    if (present.isEmpty()) {
      return Optional.empty();
    }
    List<String> names = samples.stream().map(this::name).toList();
    float[] targets = presentation.targets(present, names, epoch);
    long seed = presentation.seed();
    if (mixes) {
      List<Frames> frames = samples.stream().map(sample -> uncut[sample]).toList();
      Mixup.Samples mixed =
          presentation
              .augmentation()
              .mixing()
              .apply(
                  new Mixup.Samples(frames, targets),
                  SampleSeed.of(seed, epoch, names.get(0), "mix"));
      for (int i = 0; i < samples.size(); i++) {
        cut(samples.get(i), mixed.frames().get(i));
      }
      targets = mixed.targets();
    }
    return Optional.of(
        cutting
            .batch(samples.stream().mapToInt(sample -> sample).toArray(), targets, names)
            .withSeed(SampleSeed.of(seed, epoch, "drop").nextLong()));
  }
}
