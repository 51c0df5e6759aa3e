package io.tubelet.spark.stage;

import io.tubelet.evaluate.Accuracy;
import io.tubelet.model.Parameters;
import io.tubelet.report.Evaluation;
import io.tubelet.report.FineTuning;
import io.tubelet.report.Gallery;
import io.tubelet.report.Part;
import io.tubelet.report.Part.DataHealth;
import io.tubelet.report.Part.FeatureMap;
import io.tubelet.report.picture.Chart.Point;
import io.tubelet.spark.config.DataConfig;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.data.ClipReader;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.Quarantined;
import io.tubelet.spark.evaluate.FeatureJob;
import io.tubelet.spark.evaluate.ReconstructJob.Shown;
import io.tubelet.spark.train.Quarantine;
import io.tubelet.train.RoundMetrics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.feature.PCA;
import org.apache.spark.ml.feature.PCAModel;
import org.apache.spark.ml.feature.StandardScaler;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** What a run has written, as parts of its report. */
record ReportParts(Run run) {
  /** Misclassified videos of each model that are shown. */
  private static final int MISTAKES = 6;

  /** Clips in the map of features; each is encoded whole, 180 GFLOP with ViT-B. */
  private static final int MAPPED = 200;

  /** In the order of the page; those that the run does not have yet are omitted. */
  List<Part> all() {
    ReportResults results = new ReportResults(run.folder());
    List<Part> parts = new ArrayList<>();
    Optional<Path> checkpoint = run.folder().checkpoints(PretrainStage.NAME).newest();
    Optional<Path> shown =
        checkpoint.filter(path -> PrepareStage.stored(run.config(), run.shownRole()));
    boolean normalised = run.config().model().spec().pretraining().normalisedTarget();
    checkpoint.ifPresent(
        path -> parts.add(new Part.Pretraining(results.rounds(PretrainStage.NAME), normalised)));
    shown.ifPresent(
        path -> {
          List<Shown> clips = ReconstructStage.clips(run, path);
          parts.add(Gallery.reconstructions(clips.stream().map(Shown::reconstruction).toList()));
          parts.add(Gallery.attention(clips.stream().map(Shown::attention).toList()));
        });
    fineTuning(results).ifPresent(parts::add);
    results.table().ifPresent(parts::add);
    shown.ifPresent(path -> parts.add(features(path)));
    parts.add(dataHealth());
    return parts;
  }

  /** The fine-tuned models that there are, with their evaluations if they have been made. */
  private Optional<FineTuning> fineTuning(ReportResults results) {
    String budget =
        "%d epochs, %d replicas, batches of %d"
            .formatted(
                run.config().finetune().training().epochs(),
                run.config().finetune().training().replicas(),
                run.config().finetune().training().batch());
    List<FineTuning.Trained> models = new ArrayList<>();
    for (String name : FinetuneStage.MODELS) {
      List<RoundMetrics> rounds = results.rounds(name);
      if (!rounds.isEmpty()) {
        Optional<Evaluation> evaluation = results.evaluated(name).map(this::evaluation);
        models.add(new FineTuning.Trained(ReportResults.title(name), rounds, evaluation));
      }
    }
    return models.isEmpty()
        ? Optional.empty()
        : Optional.of(new FineTuning(budget, results.worth(), models));
  }

  private Evaluation evaluation(Evaluated evaluated) {
    return new Evaluation(
        "%d clips × %d crops per video".formatted(evaluated.clips(), evaluated.crops()),
        evaluated.classes(),
        evaluated.accuracy(),
        evaluated.quarantined(),
        Gallery.mistakes(mistakes(evaluated)));
  }

  /** Pictures of mistaken videos; none of those that the store does not hold any more. */
  private List<Gallery.Clip> mistakes(Evaluated evaluated) {
    CubeStore test = run.store(Role.TEST);
    Map<String, ClipRow> clips =
        test.clips().stream()
            .collect(Collectors.toMap(ClipRow::source, Function.identity(), (a, b) -> a));
    List<Gallery.Clip> mistakes = new ArrayList<>();
    try (ClipReader reader = test.reader(run.folder().hadoop())) {
      for (Accuracy.Mistake mistake : evaluated.accuracy().mistakes()) {
        if (clips.containsKey(mistake.video()) && mistakes.size() < MISTAKES) {
          mistakes.add(
              Gallery.mistake(
                  mistake.video(),
                  evaluated.classes().get(mistake.truth()),
                  evaluated.classes().get(mistake.prediction()),
                  reader.read(clips.get(mistake.video()))));
        }
      }
    }
    return mistakes;
  }

  /** Features of test clips, or of the pretraining's if there is no test set, in a plane. */
  private FeatureMap features(Path checkpoint) {
    Parameters weights = run.read(checkpoint).weights();
    return plane(
        run.session(),
        new FeatureJob(run.config().evaluate().batch(), true)
            .sample(run.inference("map of features", weights, run.shown()), MAPPED));
  }

  /** The plane of the two largest principal components of features that are finite. */
  static FeatureMap plane(SparkSession spark, List<FeatureJob.Features> clips) {
    StructType columns =
        new StructType()
            .add("label", DataTypes.StringType)
            .add("features", SQLDataTypes.VectorType());
    List<Row> rows =
        clips.stream()
            .map(clip -> RowFactory.create(clip.label(), vector(clip.values())))
            .filter(row -> Double.isFinite(Vectors.norm(row.getAs(1), 1)))
            .toList();
    Map<String, List<Point>> points = new TreeMap<>();
    if (rows.size() < 2) {
      return new FeatureMap(points, Double.NaN);
    }
    Dataset<Row> features = spark.createDataFrame(rows, columns).coalesce(1);
    Dataset<Row> centred =
        new StandardScaler()
            .setWithMean(true)
            .setWithStd(false)
            .setInputCol("features")
            .setOutputCol("centred")
            .fit(features)
            .transform(features);
    PCAModel pca = new PCA().setK(2).setInputCol("centred").setOutputCol("place").fit(centred);
    for (Row row : pca.transform(centred).collectAsList()) {
      Vector place = row.getAs("place");
      points
          .computeIfAbsent(row.getAs("label"), label -> new ArrayList<>())
          .add(new Point(place.apply(0), place.apply(1)));
    }
    return new FeatureMap(points, Arrays.stream(pca.explainedVariance().toArray()).sum());
  }

  private static Vector vector(float[] values) {
    return Vectors.dense(IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray());
  }

  /** Of the stores, and of the videos that trainings have read themselves. */
  private DataHealth dataHealth() {
    long videos = 0;
    long clips = 0;
    List<Quarantined> refused = new ArrayList<>();
    for (DataConfig.Corpus corpus : run.config().data().corpora()) {
      Path root = PrepareStage.store(run.config(), corpus.role());
      Optional<CubeStore.Manifest> manifest = CubeStore.manifest(run.session(), root);
      if (PrepareStage.stored(run.config(), corpus.role()) && manifest.isPresent()) {
        videos += manifest.get().videos();
        clips += manifest.get().clips();
        refused.addAll(CubeStore.open(run.session(), root).quarantined());
      }
      Optional<Quarantine> read = Quarantine.read(run.folder(), training(corpus.role()));
      if (!PrepareStage.stored(run.config(), corpus.role()) && read.isPresent()) {
        int good = read.get().videos() - read.get().sources().size();
        videos += good;
        clips += (long) good * corpus.clips();
        refused.addAll(read.get().sources());
      }
    }
    return new DataHealth(
        videos,
        clips,
        refused.stream()
            .map(q -> new DataHealth.Quarantined(q.source(), q.reason(), q.detail()))
            .toList());
  }

  private String training(Role role) {
    return role == Role.PRETRAIN
        ? PretrainStage.NAME
        : FinetuneStage.model(run.config().finetune());
  }
}
