package io.tubelet.spark.stage;

import static org.apache.spark.sql.functions.col;

import io.tubelet.evaluate.Accuracy;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.evaluate.FeatureJob;
import io.tubelet.spark.evaluate.ProbeJob;
import io.tubelet.spark.files.Json;
import io.tubelet.spark.stage.EvaluateStage.Evaluated;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** {@code embed} and {@code probe}: what the frozen encoder makes of clips. */
final class FeatureStage {
  static final String LINEAR = "linear-probe";

  private static final double REGULARISATION = 0.01;
  private static final int ITERATIONS = 200;

  private FeatureStage() {}

  /**
   * {@code features.json}, written last: {@code rows} vectors of {@code dim} numbers.
   *
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

  /** {@code embed}: features of the configured corpora as Parquet tables. */
  static Outcome embed(Run run) throws IOException, InterruptedException {
    List<Role> corpora = run.config().features().corpora();
    if (corpora.isEmpty()) {
      return Outcome.alreadyDone("embed.corpora names none");
    }
    return Stage.each(corpora, role -> embed(run, role));
  }

  private static Path folder(Run run, Role role) {
    return run.folder().file("features/%s-mean".formatted(role.word()));
  }

  /** Writes what is missing of a corpus' features. */
  private static Outcome embed(Run run, Role role) throws IOException {
    CubeStore store = run.store(role);
    Run.Trained encoder = run.read(run.checkpoint(run.config().features().from()));
    Path folder = folder(run, role);
    int written =
        new FeatureJob(run.config().evaluate().batch())
            .write(run.inference("embed " + role.word(), encoder.weights(), store), folder);
    Features made =
        new Features(
            encoder.checkpoint().toString(),
            store.root().toString(),
            "mean",
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

  /** {@code probe}: how well a linear classifier does on the frozen encoder's features. */
  static Outcome probe(Run run) throws IOException {
    CubeStore train = run.store(Role.TRAIN);
    CubeStore test = run.store(Role.TEST);
    Labels labels =
        FinetuneStage.requireLearnable(
            run.config(), train.root().toString(), new Labels(train.manifest().labels()));
    test.clips().forEach(clip -> labels.index(clip.label()));
    for (Role role : List.of(Role.TRAIN, Role.TEST)) {
      embed(run, role);
    }
    run.spark("probe");
    Accuracy accuracy =
        new ProbeJob(labels, REGULARISATION, ITERATIONS)
            .run(selected(run, train), table(run, Role.TEST));
    return EvaluateStage.write(
        run,
        LINEAR,
        new Evaluated(
            "",
            run.checkpoint(run.config().features().from()).toString(),
            labels.names(),
            test.manifest().recipe().clips(),
            1,
            test.quarantined().size(),
            accuracy));
  }

  private static Dataset<Row> table(Run run, Role role) {
    return CubeStore.read(run.session(), folder(run, role));
  }

  /** Features of the clips that fine-tuning may learn from. */
  private static Dataset<Row> selected(Run run, CubeStore train) {
    Dataset<Row> all = table(run, Role.TRAIN);
    int perClass = run.config().finetune().training().selection().perClass();
    if (perClass == 0) {
      return all;
    }
    List<ClipRow> clips = new Subset(perClass, 1, run.config().run().seed()).of(train.clips());
    return all.filter(col("id").isInCollection(clips.stream().map(ClipRow::id).toList()));
  }
}
