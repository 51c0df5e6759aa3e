package io.tubelet.spark.train;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Mixup;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.cube.CubeBatch;
import io.tubelet.cube.CubeBatch.Patchifier;
import io.tubelet.detect.Box;
import io.tubelet.masking.Mask;
import io.tubelet.masking.Masking;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.files.Json;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * How stored clips become a minibatch: cropped, masked, labelled and cut into cubes. Everything
 * that is drawn comes from (seed, epoch, clip id).
 *
 * @param geometry what the network takes
 * @param augmentation crop and all that varies it
 * @param masking what is hidden
 * @param labels the classes; none in pretraining
 * @param labelSmoothing share of the target that is spread over all classes (arXiv 1512.00567,
 *     section 7)
 * @param seed the run's seed
 * @param boxes what becomes of the boxes that the clips have for labels
 */
public record ClipTransform(
    ClipGeometry geometry,
    Augmentation augmentation,
    Masking masking,
    Labels labels,
    double labelSmoothing,
    long seed,
    Boxes boxes)
    implements Serializable {
  private static final double ENLARGED_ACROSS = 0.1;
  private static final double ENLARGED_DOWN = 0.05;

  public enum Boxes {
    /** Clips have classes. */
    NONE,
    /** Moved a little, for training. */
    JITTERED,
    /** Made a little larger, as a detector of people draws them closer than people do. */
    ENLARGED
  }

  /** Of clips with classes. */
  public ClipTransform(
      ClipGeometry geometry,
      Augmentation augmentation,
      Masking masking,
      Labels labels,
      double labelSmoothing,
      long seed) {
    this(geometry, augmentation, masking, labels, labelSmoothing, seed, Boxes.NONE);
  }

  /**
   * The minibatch of these clips in this epoch: {@code repeats} samples of each.
   *
   * @param read the frames of a clip, which are not looked at after the next call
   */
  public CubeBatch batch(Function<ClipRow, Frames> read, List<ClipRow> clips, long epoch) {
    Collation collation = collate(clips, epoch);
    for (int i = 0; i < clips.size(); i++) {
      collation.add(i, read.apply(clips.get(i)));
    }
    return collation.finish().orElseThrow();
  }

  /** Target distributions {@code [samples, classes]}, of each sample's clip and name. */
  private float[] targets(List<ClipRow> samples, List<String> names, long epoch) {
    int classes = labels.size();
    float[] targets = new float[samples.size() * classes];
    Arrays.fill(targets, (float) (labelSmoothing / Math.max(classes, 1)));
    for (int i = 0; i < samples.size() && classes > 0; i++) {
      String label = augmentation.label(samples.get(i).label(), seed, epoch, names.get(i));
      targets[i * classes + labels.index(label)] += (float) (1 - labelSmoothing);
    }
    return targets;
  }

  /**
   * A box as it is shown in a sample. Enlarged and jittered by what is published for AVA (arXiv
   * 2203.12602).
   */
  private Box shown(Box box, long epoch, String sample, RandomGenerator random) {
    Box varied =
        boxes == Boxes.JITTERED ? box.jitter(random) : box.enlarge(ENLARGED_ACROSS, ENLARGED_DOWN);
    return augmentation.box(varied, seed, epoch, sample);
  }

  /**
   * Corners and targets of the samples' boxes, as {@link CubeBatch} has them.
   *
   * @param samples the clip of each sample
   * @param names the name of each sample
   */
  private Located located(List<ClipRow> samples, List<String> names, long epoch) {
    List<List<Boxed>> all = samples.stream().map(clip -> Boxed.of(clip.label())).toList();
    int most = Math.max(1, all.stream().mapToInt(List::size).max().orElse(0));
    float[] corners = new float[samples.size() * most * CubeBatch.CORNERS];
    float[] targets = new float[samples.size() * most * labels.size()];
    Arrays.fill(corners, Float.NaN);
    Arrays.fill(targets, -1);
    for (int i = 0; i < all.size(); i++) {
      String name = names.get(i);
      RandomGenerator random = SampleSeed.of(seed, epoch, name, "boxes");
      for (int k = 0; k < all.get(i).size(); k++) {
        int place = i * most + k;
        Box box = shown(all.get(i).get(k).box(), epoch, name, random);
        float[] sides = {(float) box.x1(), (float) box.y1(), (float) box.x2(), (float) box.y2()};
        System.arraycopy(sides, 0, corners, place * sides.length, sides.length);
        int from = place * labels.size();
        Arrays.fill(targets, from, from + labels.size(), 0);
        for (int row : labels.size() == 0 ? List.<Integer>of() : all.get(i).get(k).classes()) {
          String becomes = augmentation.label(labels.names().get(row), seed, epoch, name);
          targets[from + labels.index(becomes)] = 1;
        }
      }
    }
    return new Located(corners, targets);
  }

  private record Located(float[] corners, float[] targets) {}

  /**
   * Somebody at a clip's key frame; all of them, as JSON, are the clip's label.
   *
   * @param classes rows of the network's classes
   */
  public record Boxed(Box box, List<Integer> classes) {
    public static List<Boxed> of(String label) {
      return label.isEmpty() ? List.of() : List.of(Json.parse(label, Boxed[].class));
    }
  }

  Collation collate(List<ClipRow> clips, long epoch) {
    return new Collation(clips, epoch);
  }

  /**
   * Collates clips into a minibatch. Each clip has its place in it, so several threads may add
   * clips; a clip is cut into cubes as soon as it is cropped, while its pixels are still in the
   * caches, unless the samples must be mixed before.
   */
  final class Collation {
    final List<ClipRow> clips;
    final long epoch;
    private final int repeats;
    private final boolean mixes;
    private final boolean[] added;
    private final Frames[] uncut;
    private final Patchifier cutting;

    private Collation(List<ClipRow> clips, long epoch) {
      this.clips = clips;
      this.epoch = epoch;
      repeats = augmentation.repeats();
      mixes = !augmentation.mixing().equals(Mixup.NONE);
      int samples = clips.size() * repeats;
      added = new boolean[clips.size()];
      uncut = new Frames[samples];
      cutting =
          new Patchifier(
              geometry,
              samples,
              geometry.tokens() - masking.hidden(geometry),
              masking.rows(geometry));
    }

    /** Adds all samples of a clip; {@code stored} is not looked at afterwards. */
    void add(int clip, Frames stored) {
      for (int repeat = 0; repeat < repeats; repeat++) {
        Frames frames =
            augmentation.apply(stored, geometry, seed, epoch, name(clip * repeats + repeat));
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
      Mask mask = masking.draw(geometry, SampleSeed.of(seed, epoch, name(sample), "mask"));
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
      Located located =
          boxes != Boxes.NONE
              ? located(present, names, epoch)
              : new Located(new float[0], targets(present, names, epoch));
      float[] targets = located.targets;
      if (mixes) {
        List<Frames> frames = samples.stream().map(sample -> uncut[sample]).toList();
        Mixup.Samples mixed =
            augmentation
                .mixing()
                .apply(
                    new Mixup.Samples(frames, targets),
                    SampleSeed.of(seed, epoch, names.get(0), "mix"));
        for (int i = 0; i < samples.size(); i++) {
          cut(samples.get(i), mixed.frames().get(i));
        }
        targets = mixed.targets();
      }
      int[] cut = samples.stream().mapToInt(sample -> sample).toArray();
      long drop = SampleSeed.of(seed, epoch, "drop").nextLong();
      return Optional.of(cutting.batch(cut, targets, located.corners, names, drop));
    }
  }
}
