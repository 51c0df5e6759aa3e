package io.tubelet.spark.evaluate;

import io.tubelet.clip.SampleSeed;
import io.tubelet.cube.CubeBatch;
import io.tubelet.evaluate.LastAttention;
import io.tubelet.masking.Masking;
import io.tubelet.masking.Masking.NoMasking;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameters;
import io.tubelet.report.picture.AttentionStrip;
import io.tubelet.report.picture.ReconstructionStrip;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.train.TrainState;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Shows what a pretrained network makes of some clips of a store.
 *
 * @param masking what is hidden
 * @param clips how many
 * @param seed chooses the clips and their masks
 */
public record ReconstructJob(Masking masking, int clips, long seed) implements Serializable {

  public record Shown(ReconstructionStrip reconstruction, AttentionStrip attention) {}

  /**
   * What the network made of one clip.
   *
   * @param masked the clip with its mask
   * @param predicted {@code [hidden, cubeValues]}
   * @param whole the same clip with nothing hidden
   * @param attention {@code [tokens]}
   */
  private record Made(CubeBatch masked, float[] predicted, CubeBatch whole, float[] attention)
      implements Serializable {}

  /** One for each clip, in the store's order. */
  public List<Shown> run(Inference network) {
    ModelSpec model = network.weights().layout().model();
    return network.map(chosen(network.store().clips()), 1, "clips", clips, this::make).stream()
        .flatMap(List::stream)
        .map(
            made ->
                new Shown(
                    ReconstructionStrip.of(made.masked, made.predicted, model),
                    AttentionStrip.of(made.whole, made.attention)))
        .toList();
  }

  private List<ClipRow> chosen(List<ClipRow> all) {
    RandomGenerator random = SampleSeed.of(seed, 0, "reconstruct");
    return random
        .ints(0, all.size())
        .distinct()
        .limit(Math.min(clips, all.size()))
        .sorted()
        .mapToObj(all::get)
        .toList();
  }

  private List<Made> make(Inference.Task task, List<ClipRow> rows) {
    List<CubeBatch> masked = new ArrayList<>();
    List<CubeBatch> whole = new ArrayList<>();
    for (ClipRow row : rows) {
      masked.add(task.cubes(List.of(row), Inference.View.CENTRE, masking, seed));
      whole.add(task.cubes(List.of(row), Inference.View.CENTRE, new NoMasking(), seed));
    }
    List<float[]> predicted = masked.stream().map(task.engine()::reconstruct).toList();
    Parameters weights = task.weights();
    task.engine().load(TrainState.start(LastAttention.probe(weights)));
    List<Made> made = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      float[] normed = task.engine().encode(whole.get(i));
      float[] attention = LastAttention.received(weights, normed);
      made.add(new Made(masked.get(i), predicted.get(i), whole.get(i), attention));
    }
    return made;
  }
}
