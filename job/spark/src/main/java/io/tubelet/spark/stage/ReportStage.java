package io.tubelet.spark.stage;

import io.tubelet.report.ConfusionMatrix;
import io.tubelet.report.Cover;
import io.tubelet.report.DataHealth;
import io.tubelet.report.Evaluation;
import io.tubelet.report.FineTuning;
import io.tubelet.report.HtmlReport;
import io.tubelet.report.Pretraining;
import io.tubelet.report.RunReport;
import io.tubelet.report.chart.Point;
import io.tubelet.spark.config.DataConfig;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.run.Event;
import io.tubelet.spark.run.EventLog;
import io.tubelet.spark.run.RunFolder;
import io.tubelet.spark.store.CubeStore;
import io.tubelet.spark.store.StoreManifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** {@code report}: gathers what the run has written so far into one offline {@code report.html}. */
final class ReportStage implements Stage {
  static final String FILE = "report.html";

  @Override
  public Outcome run(JobConfig config, SparkSession spark) throws IOException {
    RunFolder folder = TrainingStage.folder(config, spark);
    RunReport report = RunReport.of(cover(config, spark, folder));
    Optional<Path> checkpoint = folder.checkpoints(PretrainStage.NAME).newest();
    if (checkpoint.isPresent()) {
      report =
          report
              .withPretraining(pretraining(config, folder))
              .withReconstructions(ReconstructStage.strips(config, spark, checkpoint.get()));
    }
    List<FineTuning.Trained> models = models(folder);
    if (!models.isEmpty()) {
      report = report.withFineTuning(new FineTuning(budget(config), models));
    }
    report = report.withDataHealth(dataHealth(config, spark));
    folder.write(FILE, HtmlReport.render(report).getBytes(StandardCharsets.UTF_8));
    return Outcome.done(folder.file(FILE).toString());
  }

  private static Cover cover(JobConfig config, SparkSession spark, RunFolder folder) {
    List<Cover.Fact> facts =
        List.of(
            new Cover.Fact("Run folder", folder.root().toString()),
            new Cover.Fact("Network", config.model().spec().toString()),
            new Cover.Fact("Masking", config.model().masking().toString()),
            new Cover.Fact("Engine", config.execution().engine().toString()),
            new Cover.Fact("Master", config.execution().master().toString()),
            new Cover.Fact("Spark", spark.version() + ", " + spark.sparkContext().master()),
            new Cover.Fact("Java", System.getProperty("java.version")),
            new Cover.Fact(
                "Machine",
                "%s %s, %d processors"
                    .formatted(
                        System.getProperty("os.name"),
                        System.getProperty("os.arch"),
                        Runtime.getRuntime().availableProcessors())));
    return new Cover(config.run().name(), Instant.now(), summary(folder), "", facts);
  }

  private static String summary(RunFolder folder) {
    List<String> parts = new ArrayList<>();
    for (String name : List.of(FinetuneStage.PRETRAINED, FinetuneStage.SCRATCH)) {
      evaluated(folder, name).ifPresent(e -> parts.add(EvaluateStage.sentence(title(name), e)));
    }
    return String.join("; ", parts);
  }

  private static Pretraining pretraining(JobConfig config, RunFolder folder) {
    List<Pretraining.Round> rounds =
        EventLog.read(folder.hadoop(), folder.events(PretrainStage.NAME)).stream()
            .filter(event -> Double.isFinite(event.loss()))
            .map(ReportStage::round)
            .toList();
    return new Pretraining(rounds, config.model().spec().pretraining().normalisedTarget());
  }

  private static Pretraining.Round round(Event event) {
    return new Pretraining.Round(
        event.round(),
        event.loss(),
        event.learningRate(),
        event.clipsPerSecond(),
        event.gradientNorm(),
        event.seconds().dataWait(),
        event.seconds().compute(),
        event.seconds().average());
  }

  private static List<FineTuning.Trained> models(RunFolder folder) {
    List<FineTuning.Trained> models = new ArrayList<>();
    for (String name : List.of(FinetuneStage.PRETRAINED, FinetuneStage.SCRATCH)) {
      List<Event> events = EventLog.read(folder.hadoop(), folder.events(name));
      if (!events.isEmpty()) {
        long last = events.get(events.size() - 1).epoch();
        double stepsPerEpoch = events.get(events.size() - 1).step() / (last + 1.0);
        List<Point> loss =
            events.stream().map(e -> new Point(e.step() / stepsPerEpoch, e.loss())).toList();
        models.add(
            new FineTuning.Trained(
                title(name), loss, evaluated(folder, name).map(ReportStage::evaluation)));
      }
    }
    return models;
  }

  private static String title(String name) {
    return name.equals(FinetuneStage.SCRATCH) ? "from scratch" : "pretrained";
  }

  private static Optional<Evaluated> evaluated(RunFolder folder, String name) {
    return Evaluated.read(folder.hadoop(), folder.file(Evaluated.file(name)));
  }

  private static Evaluation evaluation(Evaluated evaluated) {
    return new Evaluation(
        "%d clips × %d crops per video".formatted(evaluated.clips(), evaluated.crops()),
        ConfusionMatrix.of(evaluated.classes(), evaluated.accuracy().confusion()),
        evaluated.accuracy().topK(),
        evaluated.quarantined());
  }

  private static String budget(JobConfig config) {
    return "%d epochs, %d replicas, batches of %d"
        .formatted(
            config.finetune().training().epochs(),
            config.finetune().training().replicas(),
            config.finetune().training().batch());
  }

  private static DataHealth dataHealth(JobConfig config, SparkSession spark) {
    long videos = 0;
    long clips = 0;
    List<DataHealth.Quarantined> refused = new ArrayList<>();
    for (DataConfig.Corpus corpus : config.data().corpora()) {
      Path root = PrepareStage.store(config, corpus.role());
      Optional<StoreManifest> manifest = CubeStore.manifest(spark, root);
      if (manifest.isPresent()) {
        videos += manifest.get().videos();
        clips += manifest.get().clips();
        CubeStore.open(spark, root)
            .quarantined()
            .forEach(
                q -> refused.add(new DataHealth.Quarantined(q.source(), q.reason(), q.detail())));
      }
    }
    return new DataHealth(videos, clips, refused);
  }
}
