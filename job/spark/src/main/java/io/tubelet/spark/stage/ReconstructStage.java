package io.tubelet.spark.stage;

import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.cube.CubeBatch;
import io.tubelet.evaluate.LastAttention;
import io.tubelet.masking.Masking;
import io.tubelet.masking.Masking.NoMasking;
import io.tubelet.model.Parameters;
import io.tubelet.model.Task;
import io.tubelet.report.picture.AttentionStrip;
import io.tubelet.report.picture.Film;
import io.tubelet.report.picture.ReconstructionStrip;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.evaluate.Inference;
import io.tubelet.spark.train.RunFolder;
import io.tubelet.train.TrainState;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.Path;

/**
 * {@code reconstruct}: some clips as they are, as the encoder sees them and as the decoder
 * completes them, as PNG and GIF files in {@code reconstructions/}: {@code predicted-only} and, if
 * the target is normalised, {@code true-statistics}. In {@code attention/}, where the encoder
 * looks.
 */
final class ReconstructStage implements Stage {

  /** One clip, as the network completes it and attends to it. */
  record Shown(ReconstructionStrip reconstruction, AttentionStrip attention) {}

  /** What became of a clip: {@code predicted [hidden, cubeValues]}, {@code attention [tokens]}. */
  private record Made(CubeBatch masked, float[] predicted, CubeBatch whole, float[] attention)
      implements Serializable {}

  /** How many are shown: the report has room for few more of 16 frames. */
  private static final int CLIPS = 4;

  /** Chooses the clips and their masks: the same in every run. */
  private static final long SEED = 0;

  @Override
  public Outcome run(Run run) throws IOException {
    if (!reconstructs(run)) {
      return Outcome.alreadyDone("MoCo v3 reconstructs nothing");
    }
    RunFolder folder = run.folder();
    List<Shown> clips = clips(run, run.checkpoint(Run.PRETRAINING));
    for (int i = 0; i < clips.size(); i++) {
      ReconstructionStrip strip = clips.get(i).reconstruction();
      String name = "reconstructions/%02d-".formatted(i);
      folder.write(name + "original.png", Film.of(strip.original()).png());
      folder.write(name + "masked.png", Film.of(strip.masked()).png());
      write(folder, name + "predicted-only", strip, strip.predicted());
      if (strip.trueStatistics()) {
        write(folder, name + "true-statistics", strip, strip.reconstructed());
      }
      Frames attention = clips.get(i).attention().frames();
      name = "attention/%02d".formatted(i);
      folder.write(name + ".png", Film.of(attention).png());
      Frames seen = strip.original().thinned(attention.time());
      folder.write(name + ".gif", Film.gif(List.of(seen, attention)));
    }
    return Outcome.done("%s: %d clips".formatted(folder.file("reconstructions"), clips.size()));
  }

  static boolean reconstructs(Run run) {
    return run.config().model().spec().task() instanceof Task.Pretraining;
  }

  /** The completed clip as a picture, and as an animation next to its inputs. */
  private static void write(RunFolder folder, String name, ReconstructionStrip strip, Frames made)
      throws IOException {
    folder.write(name + ".png", Film.of(made).png());
    folder.write(name + ".gif", Film.gif(List.of(strip.original(), strip.masked(), made)));
  }

  /** Some clips as a checkpoint reconstructs and attends to them, in the store's order. */
  static List<Shown> clips(Run run, Path checkpoint) {
    Parameters weights = run.read(checkpoint).weights();
    CubeStore store = run.shown();
    List<ClipRow> all = store.clips();
    List<ClipRow> chosen =
        SampleSeed.of(SEED, 0, "reconstruct")
            .ints(0, all.size())
            .distinct()
            .limit(Math.min(CLIPS, all.size()))
            .sorted()
            .mapToObj(all::get)
            .toList();
    Masking masking = run.config().model().masking().whole();
    return run
        .inference("reconstruct", weights, store)
        .map(chosen, 1, "clips", chosen.size(), (task, rows) -> make(task, rows, masking))
        .stream()
        .flatMap(List::stream)
        .map(
            made ->
                new Shown(
                    ReconstructionStrip.of(made.masked, made.predicted, weights.layout().model()),
                    AttentionStrip.of(made.whole, made.attention)))
        .toList();
  }

  private static List<Made> make(Inference.Task task, List<ClipRow> rows, Masking masking) {
    List<CubeBatch> masked = new ArrayList<>();
    List<CubeBatch> whole = new ArrayList<>();
    for (ClipRow row : rows) {
      masked.add(task.cubes(List.of(row), Inference.View.CENTRE, masking, SEED));
      whole.add(task.cubes(List.of(row), Inference.View.CENTRE, new NoMasking(), SEED));
    }
    List<float[]> predicted = masked.stream().map(task.engine()::predict).toList();
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
