package io.tubelet.spark.cli;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.spark.cluster.Demand;
import io.tubelet.spark.cluster.ResourcePlan;
import io.tubelet.spark.config.DataConfig.Corpus;
import io.tubelet.spark.config.EvaluationConfig;
import io.tubelet.spark.config.ExchangeConfig;
import io.tubelet.spark.config.ExecutionConfig.DeviceChoice;
import io.tubelet.spark.config.ExecutionConfig.EngineConfig;
import io.tubelet.spark.config.ExperimentConfig;
import io.tubelet.spark.config.FeatureConfig;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.config.TrainingConfig;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import scala.Tuple2;

/** What a verb would do, in one line. */
final class Plan {
  private Plan() {}

  static String line(Verb verb, JobConfig config) {
    String what =
        switch (verb) {
          case PREPARE -> prepare(config);
          case PRETRAIN -> training(config.pretrain(), config) + masked(config);
          case FINETUNE ->
              training(config.finetune().training(), config) + ", from " + config.finetune().from();
          case EVALUATE -> views(config.evaluate());
          case RECONSTRUCT ->
              config.evaluate().reconstruction().clips() + " clips" + masked(config);
          case PIPELINE ->
              "%s; then %s; then %s; then %s"
                  .formatted(
                      prepare(config),
                      training(config.pretrain(), config) + masked(config),
                      training(config.finetune().training(), config),
                      views(config.evaluate()));
          case EMBED -> "%s of %s".formatted(features(config), config.features().corpora());
          case PROBE -> features(config);
          case EXPORT -> export(config.exchange().export());
          case IMPORT -> config.exchange().source();
          case REPORT -> "report.html";
          case EXPERIMENT -> experiment(config.experiment(), config);
          case BENCH ->
              "sizes %s, %s".formatted(config.bench().sizes(), engine(config.execution().engine()));
          case PLAN -> sources(config);
          case DOCTOR ->
              config.doctor().data() ? sources(config) : engine(config.execution().engine());
        };
    return "%s: %s; run folder %s".formatted(verb.word(), what, config.run().dir());
  }

  /**
   * Which executors and slots the verb gets.
   *
   * @throws io.tubelet.spark.failure.LayoutException if Spark's settings and the layout do not fit
   */
  static ResourcePlan resources(Verb verb, JobConfig config, SparkConf conf) {
    boolean decodes =
        verb == Verb.PREPARE
            || verb == Verb.PIPELINE
            || verb == Verb.EXPERIMENT
            || (verb == Verb.DOCTOR && config.doctor().data());
    boolean computes =
        switch (verb) {
          case PRETRAIN,
              FINETUNE,
              EVALUATE,
              RECONSTRUCT,
              EMBED,
              PROBE,
              REPORT,
              PIPELINE,
              EXPERIMENT ->
              true;
          case PREPARE, EXPORT, IMPORT, BENCH, DOCTOR, PLAN -> false;
        };
    boolean cuda = config.execution().engine().device() == DeviceChoice.CUDA;
    Map<String, String> spark =
        Arrays.stream(conf.getAll()).collect(Collectors.toMap(Tuple2::_1, Tuple2::_2));
    Demand demand = new Demand(verb.word(), decodes, computes, cuda);
    return ResourcePlan.of(spark, config.cluster(), demand);
  }

  private static String experiment(ExperimentConfig experiment, JobConfig config) {
    return "%d trials, judged by %s, into %s"
        .formatted(experiment.trials(config).size(), word(experiment.judge()), experiment.to());
  }

  private static String prepare(JobConfig config) {
    return "%s into %s".formatted(sources(config), config.data().store());
  }

  private static String sources(JobConfig config) {
    String sources =
        config.data().corpora().stream()
            .map(Corpus::source)
            .distinct()
            .collect(Collectors.joining(", "));
    return sources.isEmpty() ? "no source" : sources;
  }

  private static String training(TrainingConfig training, JobConfig config) {
    ClipGeometry clip = config.model().spec().geometry();
    return "%d epochs, %s, %d x %d x %d pixels in %d tokens, %s, master %s"
        .formatted(
            training.epochs(),
            training.step(config.execution().engine().passes()),
            clip.frames(),
            clip.height(),
            clip.width(),
            clip.tokens(),
            engine(config.execution().engine()),
            word(config.execution().master().kind()));
  }

  private static String masked(JobConfig config) {
    ClipGeometry clip = config.model().spec().geometry();
    return ", %d of them hidden".formatted(config.model().masking().hidden(clip));
  }

  private static String features(JobConfig config) {
    FeatureConfig features = config.features();
    return "features of %s into %s".formatted(features.from(), features.to());
  }

  private static String export(ExchangeConfig.Export export) {
    return "%s into %s for %s".formatted(export.from(), export.to(), word(export.format()));
  }

  private static String views(EvaluationConfig evaluate) {
    return "%d x %d views of each test video".formatted(evaluate.clips(), evaluate.crops());
  }

  private static String engine(EngineConfig engine) {
    return "engine %s on %s, precision %s"
        .formatted(engine.name(), word(engine.device()), word(engine.precision()));
  }

  private static String word(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }
}
