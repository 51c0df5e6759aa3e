package io.tubelet.spark.stage;

import static java.util.Comparator.reverseOrder;
import static java.util.Map.Entry.comparingByValue;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import io.tubelet.evaluate.Accuracy;
import io.tubelet.report.Diagnostics;
import io.tubelet.report.FineTuning;
import io.tubelet.report.FineTuning.Evaluation;
import io.tubelet.report.Gallery;
import io.tubelet.report.HtmlReport;
import io.tubelet.report.Part;
import io.tubelet.report.Part.Pretraining.Compared;
import io.tubelet.report.Part.Tables;
import io.tubelet.report.Part.Tables.Table;
import io.tubelet.report.RunReport;
import io.tubelet.report.RunReport.Fact;
import io.tubelet.report.picture.NumberText;
import io.tubelet.spark.config.DataConfig;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.ClipReader;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.Quarantined;
import io.tubelet.spark.stage.EvaluateStage.Evaluated;
import io.tubelet.spark.stage.ReconstructStage.Shown;
import io.tubelet.spark.train.Quarantine;
import io.tubelet.spark.train.RunFolder;
import io.tubelet.train.RoundMetrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** {@code report}: what a run has written so far, as one offline {@code report.html}. */
record ReportStage(Run run) {
  private static final String FILE = "report.html";

  /** Misclassified videos of each model that are shown. */
  private static final int MISTAKES = 6;

  static Outcome write(Run run) throws IOException {
    RunFolder folder = run.folder();
    folder.write(FILE, HtmlReport.render(report(run)).getBytes(StandardCharsets.UTF_8));
    return Outcome.done(folder.file(FILE).toString());
  }

  /** All that there is to tell, what is odd about it first. */
  static RunReport report(Run run) {
    RunReport report = new RunReport(cover(run), new ReportStage(run).parts());
    return report.ledBy(Diagnostics.of(report));
  }

  private static RunReport.Cover cover(Run run) {
    JobConfig config = run.config();
    RunFolder folder = run.folder();
    SparkSession spark = run.session();
    String machine =
        "%s %s, %d processors"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors());
    ReportResults results = new ReportResults(folder);
    return new RunReport.Cover(
        config.run().name(),
        Instant.now(),
        Stream.of(results.summary(), new DetectReport(run).summary())
            .filter(text -> !text.isBlank())
            .collect(Collectors.joining(". ")),
        command(config),
        List.of(
            new Fact("Run folder", folder.root().toString()),
            new Fact("Network", config.model().spec().toString()),
            new Fact("Masking", config.model().masking().toString()),
            new Fact("Engine", config.engine().toString()),
            new Fact("Master", config.master().toString()),
            new Fact("Spark", spark.version() + ", " + spark.sparkContext().master()),
            new Fact("Java", System.getProperty("java.version")),
            new Fact("Machine", machine)),
        results.costs());
  }

  /** A line that runs the same again, without the files that the settings came from. */
  private static String command(JobConfig config) {
    return String.join(
        " \\\n  ",
        Stream.concat(
                Stream.of("deploy/submit.sh local pipeline -"),
                config.run().changed().stream().map(setting -> "'" + setting + "'"))
            .toList());
  }

  /** In the order of the page; those that the run does not have yet are omitted. */
  private List<Part> parts() {
    ReportResults results = new ReportResults(run.folder());
    List<Part> parts = new ArrayList<>();
    Optional<Path> checkpoint = run.folder().checkpoints(Run.PRETRAINING).newest();
    Optional<Path> shown =
        checkpoint
            .filter(path -> ReconstructStage.reconstructs(run))
            .filter(path -> PrepareStage.stored(run.config(), run.shownRole()));
    checkpoint.ifPresent(
        path -> parts.add(new Part.Pretraining(results.rounds(Run.PRETRAINING), compared())));
    shown.ifPresent(
        path -> {
          List<Shown> clips = ReconstructStage.clips(run, path);
          parts.add(Gallery.reconstructions(clips.stream().map(Shown::reconstruction).toList()));
          parts.add(Gallery.attention(clips.stream().map(Shown::attention).toList()));
        });
    fineTuning(results).ifPresent(parts::add);
    results.table().ifPresent(parts::add);
    parts.addAll(new DetectReport(run).parts());
    parts.add(data());
    return parts;
  }

  private Compared compared() {
    if (!ReconstructStage.reconstructs(run)) {
      return Compared.VIEWS;
    }
    boolean normalised = run.config().model().spec().pretraining().normalisedTarget();
    return normalised ? Compared.NORMALISED_CUBES : Compared.PIXELS;
  }

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

  /** What was read, of the stores and by trainings themselves, and what gave no clip. */
  private Tables data() {
    long videos = 0;
    long clips = 0;
    List<Quarantined> refused = new ArrayList<>();
    for (DataConfig.Corpus corpus : run.config().data().corpora()) {
      if (PrepareStage.stored(run.config(), corpus.role())) {
        Path root = PrepareStage.store(run.config(), corpus.role());
        Optional<CubeStore.Manifest> manifest = CubeStore.manifest(run.session(), root);
        if (manifest.isPresent()) {
          videos += manifest.get().videos();
          clips += manifest.get().clips();
          refused.addAll(CubeStore.open(run.session(), root).quarantined());
        }
      } else {
        Optional<Quarantine> read = Quarantine.read(run.folder(), training(corpus.role()));
        int good = read.map(all -> all.videos() - all.sources().size()).orElse(0);
        videos += good;
        clips += (long) good * corpus.clips();
        read.map(Quarantine::sources).ifPresent(refused::addAll);
      }
    }
    return data(clips, videos, refused);
  }

  private static Tables data(long clips, long videos, List<Quarantined> refused) {
    String lead =
        "%,d clips from %,d of %,d videos; %,d sources gave no clip and are in quarantine."
            .formatted(clips, videos, videos + refused.size(), refused.size());
    List<List<String>> reasons =
        refused.stream()
            .collect(groupingBy(Quarantined::reason, TreeMap::new, counting()))
            .entrySet()
            .stream()
            .sorted(comparingByValue(reverseOrder()))
            .map(one -> List.of(one.getKey(), NumberText.count(one.getValue())))
            .toList();
    List<List<String>> sources =
        refused.stream().map(no -> List.of(no.source(), no.reason(), no.detail())).toList();
    return new Tables(
        "Data",
        lead,
        List.of(
            new Table("Why sources are in quarantine", List.of("Reason", "Sources"), reasons),
            new Table("Sources that gave no clip", List.of("Path", "Reason", "Detail"), sources)));
  }

  private String training(Role role) {
    return role == Role.PRETRAIN ? Run.PRETRAINING : FinetuneStage.model(run.config().finetune());
  }
}
