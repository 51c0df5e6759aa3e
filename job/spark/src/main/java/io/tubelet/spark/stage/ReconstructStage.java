package io.tubelet.spark.stage;

import io.tubelet.clip.Frames;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.report.picture.Film;
import io.tubelet.report.picture.ReconstructionStrip;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.failure.StateException;
import io.tubelet.spark.inference.ReconstructJob;
import io.tubelet.spark.inference.ReconstructJob.Shown;
import io.tubelet.spark.run.Checkpoints;
import io.tubelet.spark.run.RunFolder;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * {@code reconstruct}: some clips as they are, as the encoder sees them and as the decoder
 * completes them, as PNG and GIF files in {@code reconstructions/}: {@code predicted-only} and, if
 * the target is normalised, {@code true-statistics}. In {@code attention/}, where the encoder
 * looks.
 */
final class ReconstructStage implements Stage {

  @Override
  public Outcome run(JobConfig config, SparkSession spark) throws IOException {
    RunFolder folder = TrainingStage.folder(config, spark);
    Path checkpoint =
        folder
            .checkpoints(PretrainStage.NAME)
            .newest()
            .orElseThrow(
                () ->
                    new StateException(
                        "no pretraining checkpoint in %s: run `pretrain` first"
                            .formatted(folder.file(PretrainStage.NAME))));
    List<Shown> clips = clips(config, spark, checkpoint);
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

  /** The completed clip as a picture, and moving beside what it was made of. */
  private static void write(RunFolder folder, String name, ReconstructionStrip strip, Frames made)
      throws IOException {
    folder.write(name + ".png", Film.of(made).png());
    folder.write(name + ".gif", Film.gif(List.of(strip.original(), strip.masked(), made)));
  }

  /** The configured clips as a checkpoint reconstructs and attends to them. */
  static List<Shown> clips(JobConfig config, SparkSession spark, Path checkpoint) {
    ModelSpec model = config.model().spec();
    Parameters weights =
        Checkpoints.weights(
            spark.sparkContext().hadoopConfiguration(), checkpoint, ParameterLayout.of(model));
    JavaSparkContext context = new JavaSparkContext(spark.sparkContext());
    context.setJobDescription("reconstruct");
    var shown = config.evaluate().reconstruction();
    ReconstructJob job =
        new ReconstructJob(
            Networks.inference(config, spark, model),
            config.model().masking().whole(),
            shown.clips(),
            shown.seed());
    Role role = config.data().corpus(Role.TEST).isPresent() ? Role.TEST : Role.PRETRAIN;
    return job.run(context, PrepareStage.open(config, spark, role), weights);
  }
}
