package io.tubelet.spark.stage;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toList;

import io.tubelet.clip.FrameOrder;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.Placement.Device;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.evaluate.Accuracy;
import io.tubelet.evaluate.Accuracy.Interval;
import io.tubelet.report.Experiment;
import io.tubelet.report.Experiment.Against;
import io.tubelet.report.Experiment.Measure;
import io.tubelet.report.picture.Chart;
import io.tubelet.report.picture.Chart.Point;
import io.tubelet.report.picture.Chart.Series;
import io.tubelet.spark.config.ExperimentConfig.Arm;
import io.tubelet.spark.config.ExperimentConfig.Judge;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.stage.ExperimentStage.TrialRun;
import io.tubelet.train.RoundMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;

/** What trials that are done have found, read from their folders: of each arm one a seed. */
record TrialFindings(Run run, Map<Arm, List<TrialRun>> arms) {

  static Experiment of(Run run, List<TrialRun> trials) {
    Map<Arm, List<TrialRun>> arms =
        trials.stream()
            .collect(groupingBy(trial -> trial.trial().arm(), LinkedHashMap::new, toList()));
    return new TrialFindings(run, arms).gather(trials);
  }

  private Experiment gather(List<TrialRun> trials) {
    JobConfig config = run.config();
    List<Measure> measures = new ArrayList<>();
    Judge judge = config.experiment().judge();
    if (judge == Judge.ACCURACY) {
      for (FrameOrder order : EvaluateStage.frames(config)) {
        measures.add(accuracy(order));
      }
    } else if (judge == Judge.VALIDATION) {
      measures.add(
          new Measure(
              "Best share of the validation split",
              true,
              arms.keySet().stream().map(arm -> row(arm, TrialRun::validation, true)).toList()));
    }
    if (trials.stream().anyMatch(TrialRun::pretrains)) {
      measures.add(
          new Measure(
              "Pretraining loss, mean of the last epoch",
              false,
              arms.keySet().stream()
                  .filter(arm -> arms.get(arm).get(0).pretrains())
                  .map(arm -> row(arm, TrialFindings::loss, judge == Judge.LOSS))
                  .toList()));
    }
    return new Experiment(
        config.run().name(),
        config.experiment().title(),
        config.experiment().notes(),
        config.experiment().seeds(),
        measures,
        Stream.of(
                curves("Pretraining loss", false, trial -> List.of(trial.pretraining())),
                curves("Fine-tuning loss", true, TrialRun::finetunings))
            .filter(chart -> !chart.marks().isEmpty())
            .toList(),
        facts(trials));
  }

  private Experiment.Arm row(Arm arm, ToDoubleFunction<TrialRun> value, boolean compared) {
    Against other = compared ? against(arm, value) : null;
    return new Experiment.Arm(arm.name(), values(arm, value), null, other, 0);
  }

  /** On frames as they are, against another arm; without their motion, against the same with it. */
  private Measure accuracy(FrameOrder order) {
    boolean asIs = order == FrameOrder.AS_IS;
    String frames = asIs ? "" : ", frames " + order.name().toLowerCase(Locale.ROOT);
    ToDoubleFunction<TrialRun> lost = trial -> share(trial, order) - share(trial, FrameOrder.AS_IS);
    List<Experiment.Arm> rows = new ArrayList<>();
    for (Arm arm : arms.keySet()) {
      Against other =
          asIs
              ? against(arm, trial -> share(trial, order))
              : new Against("frames as they are", values(arm, lost), Double.NaN);
      rows.add(
          new Experiment.Arm(
              arm.name(),
              values(arm, trial -> share(trial, order)),
              overVideos(arm, order),
              other,
              asIs ? arm.atLeast() : 0));
    }
    return new Measure("Top-1 accuracy" + frames, true, rows);
  }

  private List<Double> values(Arm arm, ToDoubleFunction<TrialRun> value) {
    return arms.get(arm).stream().mapToDouble(value).boxed().toList();
  }

  private static double share(TrialRun trial, FrameOrder order) {
    return trial.evaluated(order).orElseThrow().top1Share();
  }

  /** Of one seed's model that does as well as they do on average: the videos are the same. */
  private Interval overVideos(Arm arm, FrameOrder order) {
    List<Accuracy> all =
        arms.get(arm).stream().map(trial -> trial.evaluated(order).orElseThrow()).toList();
    double right = all.stream().mapToInt(Accuracy::top1).average().orElseThrow();
    return Interval.bootstrap((int) Math.round(right), all.get(0).videos());
  }

  /** The difference to the arm that this one is compared with; null if it is with none. */
  private Against against(Arm arm, ToDoubleFunction<TrialRun> value) {
    List<TrialRun> mine = arms.get(arm);
    return arms.keySet().stream()
        .filter(one -> one.name().equals(arm.against()))
        .map(arms::get)
        .map(
            others ->
                new Against(
                    arm.against(),
                    pairs(mine, others, (a, b) -> value.applyAsDouble(a) - value.applyAsDouble(b)),
                    Collections.max(pairs(mine, others, TrialFindings::mcNemar))))
        .findFirst()
        .orElse(null);
  }

  private static List<Double> pairs(
      List<TrialRun> mine, List<TrialRun> others, ToDoubleBiFunction<TrialRun, TrialRun> value) {
    return IntStream.range(0, mine.size())
        .mapToObj(i -> value.applyAsDouble(mine.get(i), others.get(i)))
        .toList();
  }

  /** NaN where losses are compared. */
  private static double mcNemar(TrialRun one, TrialRun other) {
    return one.evaluated(FrameOrder.AS_IS)
        .flatMap(mine -> other.evaluated(FrameOrder.AS_IS).map(mine::mcNemar))
        .orElse(Double.NaN);
  }

  private static double loss(TrialRun trial) {
    List<RoundMetrics> rounds = trial.pretraining();
    long last = rounds.get(rounds.size() - 1).epoch();
    return rounds.stream()
        .filter(round -> round.epoch() == last)
        .mapToDouble(RoundMetrics::loss)
        .filter(Double::isFinite)
        .average()
        .orElse(Double.NaN);
  }

  /** A curve an arm, the mean over seeds and folds; arms with the same curve have it once. */
  private Chart curves(
      String title, boolean fromZero, Function<TrialRun, List<List<RoundMetrics>>> rounds) {
    Map<List<Point>, String> named = new LinkedHashMap<>();
    arms.forEach(
        (arm, seeds) -> {
          List<List<Point>> curves =
              seeds.stream()
                  .flatMap(trial -> rounds.apply(trial).stream())
                  .map(fold -> Series.lossOverEpochs("", fold).points())
                  .filter(points -> !points.isEmpty())
                  .toList();
          if (!curves.isEmpty()) {
            named.merge(mean(curves), arm.name(), (one, two) -> one + "; " + two);
          }
        });
    List<Series> series = new ArrayList<>();
    named.forEach((points, name) -> series.add(new Series(name, points)));
    return Chart.lines(title, "epoch", "loss", fromZero, series);
  }

  private static List<Point> mean(List<List<Point>> curves) {
    int rounds = curves.stream().mapToInt(List::size).min().orElseThrow();
    return IntStream.range(0, rounds)
        .mapToObj(
            i ->
                new Point(
                    curves.get(0).get(i).x(),
                    curves.stream().mapToDouble(c -> c.get(i).y()).average().orElseThrow()))
        .toList();
  }

  private Map<String, String> facts(List<TrialRun> trials) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(
        "command",
        "`deploy/submit.sh local experiment conf/experiments/%s.conf`"
            .formatted(run.config().run().name()));
    facts.put(
        "digest of all settings",
        DigestUtils.sha256Hex(trials.stream().map(TrialRun::digest).collect(joining(" ")))
            .substring(0, 16));
    trials.stream()
        .filter(TrialRun::pretrains)
        .findFirst()
        .ifPresent(trial -> facts.put(Experiment.SAMPLES, "%,d".formatted(trial.samples())));
    double hours =
        trials.stream()
            .flatMap(
                trial ->
                    Stream.concat(Stream.of(trial.pretraining()), trial.finetunings().stream()))
            .distinct() // a shared one counts once
            .mapToDouble(RoundMetrics::hours)
            .sum();
    facts.put("time", "%.1f minutes of training rounds".formatted(60 * hours));
    int cores = Runtime.getRuntime().availableProcessors();
    String master = run.session().sparkContext().master();
    facts.put("machine", "%s; %d cores, %s".formatted(processor(), cores, master));
    String name = run.config().engine().name();
    EngineProvider engine = EngineProvider.find(name, Device.CPU);
    Precision precision = engine.settle(run.placement(1)).precision();
    facts.put("engine", engine.name() + ", " + precision.name().toLowerCase(Locale.ROOT));
    return facts;
  }

  /** As Linux tells it, else the architecture. */
  private static String processor() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.replaceFirst(".*: ", ""))
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }
}
