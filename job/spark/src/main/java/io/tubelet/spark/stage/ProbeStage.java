package io.tubelet.spark.stage;

import static org.apache.spark.sql.functions.col;

import io.tubelet.evaluation.Accuracy;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.config.JobConfig.Pooling;
import io.tubelet.spark.inference.ProbeJob;
import io.tubelet.spark.run.RunFolder;
import io.tubelet.spark.store.ClipRow;
import io.tubelet.spark.store.CubeStore;
import io.tubelet.spark.store.Json;
import io.tubelet.spark.store.Labels;
import java.io.IOException;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** {@code probe}: how well simple classifiers do on the frozen encoder's features. */
final class ProbeStage implements Stage {
  static final String KNN = "knn-probe";
  static final String LINEAR = "linear-probe";

  /** Neighbours that vote; arXiv 1805.01978 has 200 of ImageNet's 1300 a class. */
  private static final int NEIGHBOURS = 20;

  /** Factor of half the squared L2 norm of the linear probe's weights. */
  private static final double REGULARISATION = 0.01;

  /** Most steps of its L-BFGS. */
  private static final int ITERATIONS = 200;

  @Override
  public Outcome run(JobConfig config, SparkSession spark) throws IOException {
    CubeStore train = PrepareStage.open(config, spark, Role.TRAIN);
    CubeStore test = PrepareStage.open(config, spark, Role.TEST);
    Labels labels = FinetuneStage.labels(TrainingData.store(train));
    test.clips().forEach(clip -> labels.index(clip.label()));
    for (Role role : List.of(Role.TRAIN, Role.TEST)) {
      EmbedStage.embed(config, spark, role, Pooling.MEAN);
    }
    new JavaSparkContext(spark.sparkContext()).setJobDescription("probe");
    ProbeJob job =
        new ProbeJob(labels, NEIGHBOURS, REGULARISATION, ITERATIONS, config.evaluate().top());
    ProbeJob.Result result =
        job.run(selected(config, spark, train), table(config, spark, Role.TEST));
    return keep(config, spark, test, KNN, labels, result.knn())
        .and(keep(config, spark, test, LINEAR, labels, result.linear()));
  }

  private static Dataset<Row> table(JobConfig config, SparkSession spark, Role role) {
    return spark.read().parquet(EmbedStage.folder(config, role, Pooling.MEAN) + "/part-*");
  }

  /** Features of the clips that fine-tuning may learn from. */
  private static Dataset<Row> selected(JobConfig config, SparkSession spark, CubeStore train) {
    Dataset<Row> all = table(config, spark, Role.TRAIN);
    int perClass = config.finetune().training().selection().perClass();
    if (perClass == 0) {
      return all;
    }
    List<ClipRow> clips = new Subset(perClass, 1, config.run().seed()).of(train.clips());
    return all.filter(col("id").isInCollection(clips.stream().map(ClipRow::id).toList()));
  }

  private static Outcome keep(
      JobConfig config,
      SparkSession spark,
      CubeStore test,
      String name,
      Labels labels,
      Accuracy accuracy)
      throws IOException {
    RunFolder folder = TrainingStage.folder(config, spark);
    Evaluated evaluated =
        new Evaluated(
            ExportStage.checkpoint(folder, config.features().from()).toString(),
            labels.names(),
            test.manifest().recipe().clips(),
            1,
            test.quarantined().size(),
            accuracy);
    Json.write(folder.hadoop(), folder.file(Evaluated.file(name)), evaluated);
    return Outcome.done(EvaluateStage.sentence(name, evaluated));
  }
}
