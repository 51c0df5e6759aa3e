package io.tubelet.spark.round;

import io.tubelet.augment.Augmentation;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.cube.CubeBatch;
import io.tubelet.masking.Masking;
import io.tubelet.spark.store.ClipReader;
import io.tubelet.spark.store.ClipRow;
import io.tubelet.spark.store.Labels;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

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
    Assembly assembly = new Assembly(this, clips, epoch);
    for (int i = 0; i < clips.size(); i++) {
      assembly.add(i, read.apply(clips.get(i)));
    }
    return assembly.finish().orElseThrow();
  }

  /**
   * Target distributions {@code [samples, classes]}; empty without classes.
   *
   * @param samples the clip of each sample
   * @param names the name of each sample
   */
  float[] targets(List<ClipRow> samples, List<String> names, long epoch) {
    int classes = labels.size();
    float[] targets = new float[samples.size() * classes];
    Arrays.fill(targets, (float) (labelSmoothing / Math.max(classes, 1)));
    for (int i = 0; i < samples.size() && classes > 0; i++) {
      String label = augmentation.label(samples.get(i).label(), seed, epoch, names.get(i));
      targets[i * classes + labels.index(label)] += (float) (1 - labelSmoothing);
    }
    return targets;
  }
}
