package io.tubelet.spark.stage;

import io.tubelet.evaluation.Accuracy;
import io.tubelet.model.Parameters;
import io.tubelet.report.Comparison;
import io.tubelet.report.ConfusionMatrix;
import io.tubelet.report.DataHealth;
import io.tubelet.report.EmbeddingMap;
import io.tubelet.report.Evaluation;
import io.tubelet.report.FineTuning;
import io.tubelet.report.Pretraining;
import io.tubelet.report.chart.Point;
import io.tubelet.spark.config.DataConfig;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.FinetuneConfig;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.corpus.Quarantined;
import io.tubelet.spark.inference.FeatureJob;
import io.tubelet.spark.run.Event;
import io.tubelet.spark.run.EventLog;
import io.tubelet.spark.run.Quarantine;
import io.tubelet.spark.run.RunFolder;
import io.tubelet.spark.store.ClipReader;
import io.tubelet.spark.store.ClipRow;
import io.tubelet.spark.store.CubeStore;
import io.tubelet.spark.store.StoreManifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * What a run has written, as parts of its report.
 *
 * @param folder of the run
 */
record ReportParts(JobConfig config, SparkSession spark, RunFolder folder) {
  /** Misclassified videos of each model that are shown. */
  private static final int MISTAKES = 6;

  Pretraining pretraining() {
    List<Pretraining.Round> rounds = events(PretrainStage.NAME).stream().map(this::round).toList();
    return new Pretraining(rounds, config.model().spec().pretraining().normalisedTarget());
  }

  private List<Event> events(String training) {
    return EventLog.read(folder.hadoop(), folder.events(training));
  }

  private Pretraining.Round round(Event event) {
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

  /** The fine-tuned models that there are, with their evaluations if they have been made. */
  List<FineTuning.Trained> models() {
    List<FineTuning.Trained> models = new ArrayList<>();
    for (String name : List.of(FinetuneStage.PRETRAINED, FinetuneStage.SCRATCH)) {
      List<Event> events = events(name);
      if (!events.isEmpty()) {
        models.add(
            new FineTuning.Trained(
                ReportResults.title(name),
                overEpochs(events),
                ReportResults.of(folder, name).map(this::evaluation)));
      }
    }
    return models;
  }

  static List<Point> overEpochs(List<Event> events) {
    Event last = events.get(events.size() - 1);
    double stepsPerEpoch = last.step() / (last.epoch() + 1.0);
    return events.stream().map(e -> new Point(e.step() / stepsPerEpoch, e.loss())).toList();
  }

  private Evaluation evaluation(Evaluated evaluated) {
    return new Evaluation(
        "%d clips × %d crops per video".formatted(evaluated.clips(), evaluated.crops()),
        ConfusionMatrix.of(evaluated.classes(), evaluated.accuracy().confusion()),
        evaluated.accuracy().topK(),
        evaluated.accuracy().k(),
        evaluated.quarantined(),
        examples(evaluated));
  }

  /** Pictures of mistaken videos; none of those that the store does not hold any more. */
  private List<Evaluation.Example> examples(Evaluated evaluated) {
    CubeStore test = PrepareStage.open(config, spark, Role.TEST);
    Map<String, ClipRow> clips =
        test.clips().stream()
            .collect(Collectors.toMap(ClipRow::source, Function.identity(), (a, b) -> a));
    List<Evaluation.Example> examples = new ArrayList<>();
    try (ClipReader reader = new ClipReader(folder.hadoop(), test.root())) {
      for (Accuracy.Mistake mistake : evaluated.accuracy().mistakes()) {
        if (clips.containsKey(mistake.video()) && examples.size() < MISTAKES) {
          examples.add(
              new Evaluation.Example(
                  mistake.video(),
                  evaluated.classes().get(mistake.truth()),
                  evaluated.classes().get(mistake.prediction()),
                  reader.read(clips.get(mistake.video()))));
        }
      }
    }
    return examples;
  }

  String budget() {
    return "%d epochs, %d replicas, batches of %d"
        .formatted(
            config.finetune().training().epochs(),
            config.finetune().training().replicas(),
            config.finetune().training().batch());
  }

  /** Whether there is a store to show clips of. */
  boolean hasClips() {
    return PrepareStage.stored(config, shown());
  }

  private Role shown() {
    return config.data().corpus(Role.TEST).isPresent() ? Role.TEST : Role.PRETRAIN;
  }

  /** Features of test clips, or of the pretraining's if there is no test set. */
  EmbeddingMap map(Path checkpoint) {
    Run run = new Run(config, spark);
    Parameters weights = run.weights(checkpoint, run.network(0));
    return EmbeddingMap.of(
        new FeatureJob(config.evaluate().batch(), true)
            .sample(
                run.inference("map of features", weights, run.shown()),
                config.report().mapClips()));
  }

  /** Of the stores, and of the videos that trainings have read themselves. */
  DataHealth dataHealth() {
    long videos = 0;
    long clips = 0;
    List<Quarantined> refused = new ArrayList<>();
    for (DataConfig.Corpus corpus : config.data().corpora()) {
      Path root = PrepareStage.store(config, corpus.role());
      Optional<StoreManifest> manifest = CubeStore.manifest(spark, root);
      if (PrepareStage.stored(config, corpus.role()) && manifest.isPresent()) {
        videos += manifest.get().videos();
        clips += manifest.get().clips();
        refused.addAll(CubeStore.open(spark, root).quarantined());
      }
      Optional<Quarantine> read = Quarantine.read(folder, training(corpus.role()));
      if (!PrepareStage.stored(config, corpus.role()) && read.isPresent()) {
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
    boolean scratch = config.finetune().from() instanceof FinetuneConfig.Start.Scratch;
    return role == Role.PRETRAIN
        ? PretrainStage.NAME
        : scratch ? FinetuneStage.SCRATCH : FinetuneStage.PRETRAINED;
  }

  /** This run, as others see it. */
  Comparison.Run itself() {
    return summary(config.run().name(), folder);
  }

  /** The runs that the configuration wants beside this one. */
  List<Comparison.Run> others() {
    return config.report().compare().stream()
        .map(path -> new RunFolder(folder.hadoop(), new Path(path)))
        .map(other -> summary(other.root().getName(), other))
        .toList();
  }

  private static Comparison.Run summary(String name, RunFolder run) {
    List<Event> events = EventLog.read(run.hadoop(), run.events(PretrainStage.NAME));
    return new Comparison.Run(
        name,
        run.root().toString(),
        events.isEmpty() ? List.of() : overEpochs(events),
        ReportResults.sentences(run),
        ReportCost.hours(events));
  }
}
