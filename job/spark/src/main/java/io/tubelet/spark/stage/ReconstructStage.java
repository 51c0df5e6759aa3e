package io.tubelet.spark.stage;

import io.tubelet.clip.Frames;
import io.tubelet.report.picture.Film;
import io.tubelet.report.picture.ReconstructionStrip;
import io.tubelet.spark.evaluate.ReconstructJob;
import io.tubelet.spark.evaluate.ReconstructJob.Shown;
import io.tubelet.spark.train.RunFolder;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.Path;

/**
 * {@code reconstruct}: some clips as they are, as the encoder sees them and as the decoder
 * completes them, as PNG and GIF files in {@code reconstructions/}: {@code predicted-only} and, if
 * the target is normalised, {@code true-statistics}. In {@code attention/}, where the encoder
 * looks.
 */
final class ReconstructStage implements Stage {

  /** How many are shown: the report has room for few more of 16 frames. */
  private static final int CLIPS = 4;

  /** Chooses the clips and their masks: the same in every run. */
  private static final long SEED = 0;

  @Override
  public Outcome run(Run run) throws IOException {
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
      folder.write(name + ".gif", Film.gif(List.of(strip.original(), attention)));
    }
    return Outcome.done("%s: %d clips".formatted(folder.file("reconstructions"), clips.size()));
  }

  /** The completed clip as a picture, and as an animation next to its inputs. */
  private static void write(RunFolder folder, String name, ReconstructionStrip strip, Frames made)
      throws IOException {
    folder.write(name + ".png", Film.of(made).png());
    folder.write(name + ".gif", Film.gif(List.of(strip.original(), strip.masked(), made)));
  }

  /** Some clips as a checkpoint reconstructs and attends to them. */
  static List<Shown> clips(Run run, Path checkpoint) {
    return new ReconstructJob(run.config().model().masking().whole(), CLIPS, SEED)
        .run(run.inference("reconstruct", run.read(checkpoint).weights(), run.shown()));
  }
}
