package io.tubelet.spark.stage;

import io.tubelet.model.Parameters;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.config.JobConfig.Pooling;
import io.tubelet.spark.inference.FeatureJob;
import io.tubelet.spark.run.RunFolder;
import io.tubelet.spark.store.CubeStore;
import io.tubelet.spark.store.Json;
import java.io.IOException;
import java.util.Locale;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** {@code embed}: features of the configured corpora as Parquet tables. */
final class EmbedStage implements Stage {

  /**
   * {@code features.json}, written last.
   *
   * @param checkpoint whose encoder
   * @param store whose clips
   * @param pooling mean, or none
   * @param dim width of a vector
   * @param rows clips
   * @param videos videos that they are of
   * @param quarantined videos of the corpus that gave no clip, and have no row
   */
  record Features(
      String checkpoint,
      String store,
      String pooling,
      int dim,
      int rows,
      int videos,
      int quarantined) {}

  @Override
  public Outcome run(JobConfig config, SparkSession spark) throws IOException {
    Outcome outcome = null;
    for (Role role : config.features().corpora()) {
      Outcome one = embed(config, spark, role, config.features().pooling());
      outcome = outcome == null ? one : outcome.and(one);
    }
    return outcome == null ? Outcome.alreadyDone("embed.corpora names none") : outcome;
  }

  /** The folder of a corpus' features. */
  static Path folder(JobConfig config, Role role, Pooling pooling) {
    return new Path(config.features().to(), "%s-%s".formatted(word(role), word(pooling)));
  }

  /** Writes what is missing of a corpus' features. */
  static Outcome embed(JobConfig config, SparkSession session, Role role, Pooling pooling)
      throws IOException {
    JobConfig.Features features = config.features();
    RunFolder run = TrainingStage.folder(config, session);
    Path checkpoint = ExportStage.checkpoint(run, features.from());
    CubeStore store = PrepareStage.open(config, session, role);
    Parameters weights = ExportStage.weights(run.hadoop(), checkpoint, config.model().spec());
    JavaSparkContext spark = new JavaSparkContext(session.sparkContext());
    spark.setJobDescription("embed " + word(role));
    Path folder = folder(config, role, pooling);
    int written =
        new FeatureJob(
                Networks.inference(config, session, weights.layout().model()),
                store,
                config.evaluate().batch(),
                pooling == Pooling.MEAN)
            .write(spark, weights, folder);
    Features made =
        new Features(
            checkpoint.toString(),
            store.root().toString(),
            word(pooling),
            weights.layout().model().encoder().dim(),
            store.clips().size(),
            store.manifest().videos(),
            store.quarantined().size());
    Json.write(run.hadoop(), new Path(folder, FeatureJob.MANIFEST), made);
    String message =
        "%s: %d clips of %d videos (%d quarantined)"
            .formatted(folder, made.rows, made.videos, made.quarantined);
    return written == 0 ? Outcome.alreadyDone(message) : Outcome.done(message);
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
