package io.tubelet.spark.stage;

import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.config.JobConfig.Pooling;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.evaluate.FeatureJob;
import io.tubelet.spark.files.Json;
import java.io.IOException;
import java.util.Locale;
import org.apache.hadoop.fs.Path;

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
  public Outcome run(Run run) throws IOException, InterruptedException {
    JobConfig.Features features = run.config().features();
    if (features.corpora().isEmpty()) {
      return Outcome.alreadyDone("embed.corpora names none");
    }
    return Stage.inTurn(
            features.corpora().stream()
                .map(role -> (Stage) of -> embed(of, role, features.pooling()))
                .toList())
        .run(run);
  }

  /** The folder of a corpus' features. */
  static Path folder(Run run, Role role, Pooling pooling) {
    return run.folder().file("features/%s-%s".formatted(word(role), word(pooling)));
  }

  /** Writes what is missing of a corpus' features. */
  static Outcome embed(Run run, Role role, Pooling pooling) throws IOException {
    CubeStore store = run.store(role);
    Run.Trained encoder = run.read(run.checkpoint(run.config().features().from()));
    Path folder = folder(run, role, pooling);
    int written =
        new FeatureJob(run.config().evaluate().batch(), pooling == Pooling.MEAN)
            .write(run.inference("embed " + word(role), encoder.weights(), store), folder);
    Features made =
        new Features(
            encoder.checkpoint().toString(),
            store.root().toString(),
            word(pooling),
            encoder.weights().layout().model().encoder().dim(),
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
