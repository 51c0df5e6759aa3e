package io.tubelet.spark.round;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Mixing;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.cube.CubeBatch;
import io.tubelet.cube.Cubes;
import io.tubelet.geometry.ClipGeometry;
import io.tubelet.masking.Mask;
import io.tubelet.spark.store.ClipRow;
import java.util.ArrayList;
import java.util.Arrays;
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
  private final int visible;
  private final int rows;
  private final boolean mixes;
  private final boolean[] added;
  private final Frames[] uncut;
  private final byte[] cubes;
  private final int[] order;

  Assembly(Presentation presentation, List<ClipRow> clips, long epoch) {
    ClipGeometry geometry = presentation.geometry();
    this.presentation = presentation;
    this.clips = clips;
    this.epoch = epoch;
    repeats = presentation.augmentation().repeats();
    visible = geometry.tokens() - presentation.masking().hidden(geometry);
    rows = presentation.masking().rows(geometry);
    mixes = !presentation.augmentation().mixing().equals(Mixing.NONE);
    int samples = clips.size() * repeats;
    added = new boolean[clips.size()];
    uncut = new Frames[samples];
    cubes = new byte[Math.multiplyExact(samples, rows * geometry.cubeValues())];
    order = new int[samples * rows];
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
    ClipGeometry geometry = presentation.geometry();
    Mask mask =
        presentation
            .masking()
            .draw(geometry, SampleSeed.of(presentation.seed(), epoch, name(sample), "mask"));
    if (mask.visible() != visible || mask.order().length != rows) {
      throw new IllegalStateException(
          "masks of one batch show %d and %d tokens".formatted(visible, mask.visible()));
    }
    Cubes.cut(frames, geometry, mask.order(), cubes, sample * rows * geometry.cubeValues());
    System.arraycopy(mask.order(), 0, order, sample * rows, rows);
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
    float[] targets = presentation.targets(present);
    List<String> names = samples.stream().map(this::name).toList();
    long seed = presentation.seed();
    if (mixes) {
      List<Frames> frames = samples.stream().map(sample -> uncut[sample]).toList();
      Mixing.Samples mixed =
          presentation
              .augmentation()
              .mixing()
              .apply(
                  new Mixing.Samples(frames, targets),
                  SampleSeed.of(seed, epoch, names.get(0), "mix"));
      for (int i = 0; i < samples.size(); i++) {
        cut(samples.get(i), mixed.frames().get(i));
      }
      targets = mixed.targets();
    }
    return Optional.of(
        batch(samples, targets, names).withSeed(SampleSeed.of(seed, epoch, "drop").nextLong()));
  }

  /** Closes the gaps that clips left which were not added. */
  private CubeBatch batch(List<Integer> samples, float[] targets, List<String> names) {
    ClipGeometry geometry = presentation.geometry();
    int bytes = rows * geometry.cubeValues();
    for (int i = 0; i < samples.size(); i++) {
      int from = samples.get(i);
      if (from != i) {
        System.arraycopy(cubes, from * bytes, cubes, i * bytes, bytes);
        System.arraycopy(order, from * rows, order, i * rows, rows);
      }
    }
    boolean whole = samples.size() == uncut.length;
    return new CubeBatch(
        geometry,
        visible,
        whole ? cubes : Arrays.copyOf(cubes, samples.size() * bytes),
        whole ? order : Arrays.copyOf(order, samples.size() * rows),
        targets,
        names);
  }
}
