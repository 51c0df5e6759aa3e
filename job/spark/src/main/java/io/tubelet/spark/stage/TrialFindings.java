package io.tubelet.spark.stage;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import io.tubelet.clip.FrameOrder;
import io.tubelet.engine.Device;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.evaluation.Accuracy;
import io.tubelet.evaluation.Interval;
import io.tubelet.report.experiment.Findings;
import io.tubelet.report.experiment.Measure;
import io.tubelet.spark.config.ExperimentConfig.Arm;
import io.tubelet.spark.config.ExperimentConfig.Judge;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.run.Event;
import io.tubelet.spark.store.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/**
 * What trials that are done have found, read from their folders.
 *
 * @param trials all of them, the seeds of an arm in a row
 */
record TrialFindings(JobConfig config, SparkSession spark, List<TrialRun> trials) {

  Findings gather() {
    List<Measure> measures = new ArrayList<>();
    if (config.experiment().judge() == Judge.ACCURACY) {
      measures.add(accuracy());
      EvaluateStage.frames(config).stream().skip(1).forEach(order -> measures.add(control(order)));
    }
    if (trials.stream().anyMatch(TrialRun::pretrains)) {
      measures.add(loss());
    }
    return new Findings(
        config.run().name(),
        config.experiment().title(),
        config.experiment().notes(),
        config.experiment().seeds(),
        measures,
        new TrialCurves(spark, arms()).charts(),
        facts());
  }

  private Map<Arm, List<TrialRun>> arms() {
    return trials.stream()
        .collect(groupingBy(trial -> trial.trial().arm(), LinkedHashMap::new, toList()));
  }

  private List<Double> values(Arm arm, Function<TrialRun, Double> value) {
    return arms().get(arm).stream().map(value).toList();
  }

  private Measure accuracy() {
    return topOne(
        "Top-1 accuracy",
        FrameOrder.AS_IS,
        arm -> against(arm, trial -> share(trial, FrameOrder.AS_IS)),
        Arm::atLeast);
  }

  /** The same models shown frames without their motion, against the same with it. */
  private Measure control(FrameOrder order) {
    return topOne(
        "Top-1 accuracy, frames " + order.name().toLowerCase(Locale.ROOT),
        order,
        arm ->
            new Measure.Against(
                "frames as they are",
                values(arm, trial -> share(trial, order) - share(trial, FrameOrder.AS_IS))),
        arm -> 0);
  }

  private Measure topOne(
      String title,
      FrameOrder order,
      Function<Arm, Measure.Against> against,
      ToDoubleFunction<Arm> atLeast) {
    return new Measure(
        title,
        true,
        arms().keySet().stream()
            .map(
                arm ->
                    new Measure.Arm(
                        arm.name(),
                        values(arm, trial -> share(trial, order)),
                        overVideos(arm, order),
                        against.apply(arm),
                        atLeast.applyAsDouble(arm)))
            .toList());
  }

  private double share(TrialRun trial, FrameOrder order) {
    return trial.evaluated(spark, order).orElseThrow().accuracy().top1Share();
  }

  /** Of one seed's model that does as well as they do on average: the videos are the same. */
  private Interval overVideos(Arm arm, FrameOrder order) {
    List<Accuracy> all =
        arms().get(arm).stream()
            .map(trial -> trial.evaluated(spark, order).orElseThrow().accuracy())
            .toList();
    double right = all.stream().mapToInt(Accuracy::top1).average().orElseThrow();
    return Interval.bootstrap((int) Math.round(right), all.get(0).videos());
  }

  private Measure.Against against(Arm arm, Function<TrialRun, Double> value) {
    if (arm.against().isEmpty()) {
      return null;
    }
    Arm other =
        arms().keySet().stream()
            .filter(one -> one.name().equals(arm.against()))
            .findFirst()
            .orElseThrow();
    List<Double> mine = values(arm, value);
    List<Double> others = values(other, value);
    return new Measure.Against(
        arm.against(),
        IntStream.range(0, mine.size()).mapToObj(i -> mine.get(i) - others.get(i)).toList());
  }

  private Measure loss() {
    return new Measure(
        "Pretraining loss, mean of the last epoch",
        false,
        arms().keySet().stream()
            .filter(arm -> arms().get(arm).get(0).pretrains())
            .map(
                arm ->
                    new Measure.Arm(
                        arm.name(),
                        values(arm, this::loss),
                        null,
                        config.experiment().judge() == Judge.LOSS ? against(arm, this::loss) : null,
                        0))
            .toList());
  }

  private double loss(TrialRun trial) {
    List<Event> events = trial.pretraining(spark);
    long last = events.get(events.size() - 1).epoch();
    return events.stream()
        .filter(event -> event.epoch() == last)
        .mapToDouble(Event::loss)
        .filter(Double::isFinite)
        .average()
        .orElse(Double.NaN);
  }

  private Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(
        "command",
        "`deploy/submit.sh local experiment conf/experiments/%s.conf`"
            .formatted(config.run().name()));
    facts.put(
        "digest of all settings",
        Digest.of(trials.stream().map(TrialRun::digest).collect(Collectors.joining(" ")))
            .substring(0, 16));
    Map<List<Event>, String> trainings = new LinkedHashMap<>(); // a shared one counts once
    for (TrialRun trial : trials) {
      trainings.put(trial.pretraining(spark), "");
      trainings.put(trial.finetuning(spark), "");
    }
    facts.put(
        "time",
        String.format(
            Locale.ROOT,
            "%.1f minutes of training rounds",
            60 * trainings.keySet().stream().mapToDouble(ReportCost::hours).sum()));
    facts.put(
        "machine",
        "%s; %d cores, %s"
            .formatted(
                processor(),
                Runtime.getRuntime().availableProcessors(),
                spark.sparkContext().master()));
    EngineProvider engine = EngineProvider.find(config.execution().engine().name(), Device.CPU);
    Precision precision = engine.settle(Networks.placement(config, 1)).precision();
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
