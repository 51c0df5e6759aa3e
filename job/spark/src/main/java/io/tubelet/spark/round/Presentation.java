package io.tubelet.spark.round;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Mixing;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.cube.CubeBatch;
import io.tubelet.geometry.ClipGeometry;
import io.tubelet.masking.Mask;
import io.tubelet.masking.Masking;
import io.tubelet.spark.store.ClipReader;
import io.tubelet.spark.store.ClipRow;
import io.tubelet.spark.store.Labels;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

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
 */
public record Presentation(
    ClipGeometry geometry,
    Augmentation augmentation,
    Masking masking,
    Labels labels,
    double labelSmoothing,
    long seed)
    implements Serializable {

  /** The minibatch of these clips of a store in this epoch: {@code repeats} samples of each. */
  public CubeBatch batch(ClipReader reader, List<ClipRow> clips, long epoch) {
    return batch(reader::lend, clips, epoch);
  }

  /**
   * The same of clips from elsewhere.
   *
   * @param read the frames of a clip, which are not looked at after the next call
   */
  public CubeBatch batch(Function<ClipRow, Frames> read, List<ClipRow> clips, long epoch) {
    return batch(
        clips, clips.stream().map(clip -> samples(read.apply(clip), clip, epoch)).toList(), epoch);
  }

  /** The samples of one reading of a clip, {@code repeats} of them. */
  List<Frames> samples(Frames stored, ClipRow clip, long epoch) {
    return IntStream.range(0, augmentation.repeats())
        .mapToObj(repeat -> Augmentation.sample(clip.id(), repeat))
        .map(sample -> augmentation.apply(stored, geometry, seed, epoch, sample))
        .toList();
  }

  /**
   * A minibatch.
   *
   * @param cropped the {@link #samples} of each clip
   */
  CubeBatch batch(List<ClipRow> clips, List<List<Frames>> cropped, long epoch) {
    List<Mask> masks = new ArrayList<>();
    List<String> samples = new ArrayList<>();
    for (ClipRow clip : clips) {
      for (int repeat = 0; repeat < augmentation.repeats(); repeat++) {
        String sample = Augmentation.sample(clip.id(), repeat);
        masks.add(masking.draw(geometry, SampleSeed.of(seed, epoch, sample, "mask")));
        samples.add(sample);
      }
    }
    List<Frames> frames = cropped.stream().flatMap(List::stream).toList();
    Mixing.Samples mixed =
        augmentation
            .mixing()
            .apply(
                new Mixing.Samples(frames, targets(clips)),
                SampleSeed.of(seed, epoch, samples.get(0), "mix"));
    return CubeBatch.cut(geometry, mixed.frames(), masks, mixed.targets(), samples)
        .withSeed(SampleSeed.of(seed, epoch, "drop").nextLong());
  }

  /** Target distributions {@code [clips · repeats, classes]}; empty without classes. */
  private float[] targets(List<ClipRow> clips) {
    int classes = labels.size();
    int repeats = augmentation.repeats();
    float[] targets = new float[clips.size() * repeats * classes];
    Arrays.fill(targets, (float) (labelSmoothing / Math.max(classes, 1)));
    for (int i = 0; i < clips.size() * repeats && classes > 0; i++) {
      targets[i * classes + clips.get(i / repeats).labelIn(labels)] += (float) (1 - labelSmoothing);
    }
    return targets;
  }
}
