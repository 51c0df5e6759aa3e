package io.tubelet.spark.stage;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.apache.spark.sql.functions.col;

import io.tubelet.evaluate.Accuracy;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.evaluate.Inference;
import io.tubelet.spark.evaluate.ParquetParts;
import io.tubelet.spark.evaluate.ProbeJob;
import io.tubelet.spark.files.Json;
import io.tubelet.spark.stage.EvaluateStage.Evaluated;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * {@code embed} and {@code probe}: what the frozen encoder makes of a store's clips, by their
 * middle crop, nothing hidden, after its final norm ({@link io.tubelet.engine.Engine#encode}). A
 * row a clip:
 *
 * <pre>
 * id        text                             the clip's
 * source    text                             the video's path relative to its corpus
 * label     text                             its class, or empty
 * features  list of float [dim]              the mean over its tokens
 * </pre>
 */
final class FeatureStage {
  static final String LINEAR = "linear-probe";

  private static final double REGULARISATION = 0.01;
  private static final int ITERATIONS = 200;

  private static final String SCHEMA =
      "message clip { required binary id (STRING); required binary source (STRING); required binary"
          + " label (STRING); required group features (LIST) { repeated group list { required float"
          + " element; } } }";

  private static final String MANIFEST = "features.json";

  private FeatureStage() {}

  /** {@code features.json}, written last; quarantined videos gave no clip, and have no row. */
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
        write(
            run.inference("embed " + role.word(), encoder.weights(), store),
            run.config().evaluate().batch(),
            folder);
    Features made =
        new Features(
            encoder.checkpoint().toString(),
            store.root().toString(),
            "mean",
            encoder.weights().layout().model().encoder().dim(),
            store.clips().size(),
            store.manifest().videos(),
            store.quarantined().size());
    Json.write(run.hadoop(), new Path(folder, MANIFEST), made);
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

  /** Writes each missing {@code part-SHARD-DIGEST.parquet}, a task each; returns how many. */
  private static int write(Inference encoder, int batch, Path folder) throws IOException {
    CubeStore store = encoder.store();
    String decides =
        encoder.weights().layout().model()
            + encoder.weights().digest()
            + store.manifest().digest()
            + true; // for a mean, as parts are named
    String part = "part-%05d-" + DigestUtils.sha256Hex(decides).substring(0, 12) + ".parquet";
    Map<Integer, Long> clips =
        store.clips().stream()
            .collect(groupingBy(clip -> clip.place().shard(), TreeMap::new, counting()));
    Map<String, Integer> shards = new LinkedHashMap<>();
    clips.keySet().forEach(shard -> shards.put(part.formatted(shard), shard));
    return new ParquetParts<>(shards, MANIFEST, SCHEMA, "clips", clips::get)
        .write(encoder, folder, (task, shard, rows) -> write(task, shard, rows, batch));
  }

  private static void write(Inference.Task task, int shard, ParquetParts.Rows rows, int batch)
      throws IOException {
    List<ClipRow> clips =
        task.store().clips().value().stream()
            .filter(clip -> clip.place().shard() == shard)
            .toList();
    int dim = task.engine().training().model().encoder().dim();
    task.each(
        clips,
        batch,
        Inference.View.CENTRE,
        task.engine()::encode,
        (clip, tokens) -> {
          rows.add(fill(clip, mean(tokens, dim)));
          task.done().add(1);
        });
  }

  private static Consumer<Group> fill(ClipRow clip, float[] values) {
    return row -> {
      row.append("id", clip.id()).append("source", clip.source()).append("label", clip.label());
      Group features = row.addGroup("features");
      for (float value : values) {
        features.addGroup("list").append("element", value);
      }
    };
  }

  /** {@code [tokens, dim] → [dim]}. */
  private static float[] mean(float[] tokens, int dim) {
    double[] sums = new double[dim];
    for (int i = 0; i < tokens.length; i++) {
      sums[i % dim] += tokens[i];
    }
    float[] mean = new float[dim];
    for (int i = 0; i < dim; i++) {
      mean[i] = (float) (sums[i] * dim / tokens.length);
    }
    return mean;
  }
}
