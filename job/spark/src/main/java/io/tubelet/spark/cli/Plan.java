package io.tubelet.spark.cli;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.spark.cli.StageCommand.Verb;
import io.tubelet.spark.cluster.ResourcePlan;
import io.tubelet.spark.config.DataConfig.Corpus;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.config.JobConfig.DeviceChoice;
import io.tubelet.spark.config.JobConfig.EngineConfig;
import io.tubelet.spark.config.TrainingConfig;
import io.tubelet.spark.stage.TrainingPlan;
import java.util.EnumSet;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;

/** What a verb would do, in one line. */
final class Plan {
  private Plan() {}

  static String line(Verb verb, boolean ofData, JobConfig config) {
    String what = ofData ? sources(config) : what(verb, config);
    return "%s: %s; run folder %s".formatted(verb.word(), what, config.run().dir());
  }

  private static String what(Verb verb, JobConfig config) {
    return switch (verb) {
      case PREPARE -> "%s into %s".formatted(sources(config), config.data().store());
      case PRETRAIN -> training(config.pretrain(), config) + masked(config);
      case FINETUNE ->
          training(config.finetune().training(), config) + ", from " + config.finetune().from();
      case EVALUATE ->
          "%d x %d views of each test video"
              .formatted(config.evaluate().clips(), config.evaluate().crops());
      case DETECT ->
          "%s; %s".formatted(config.detect().train().source(), what(Verb.FINETUNE, config));
      case PREDICT -> "%s into %s".formatted(config.predict().source(), config.predict().to());
      case RECONSTRUCT -> "clips" + masked(config);
      case PIPELINE ->
          (config.detect().on()
                  ? Stream.of(Verb.PREPARE, Verb.PRETRAIN, Verb.DETECT)
                  : Stream.of(Verb.PREPARE, Verb.PRETRAIN, Verb.FINETUNE, Verb.EVALUATE))
              .map(step -> what(step, config))
              .collect(Collectors.joining("; then "));
      case EMBED -> what(Verb.PROBE, config) + " of " + config.features().corpora();
      case PROBE -> "features of " + config.features().from();
      case EXPORT ->
          "%s into %s for %s"
              .formatted(
                  config.export().from(), config.export().to(), word(config.export().format()));
      case IMPORT -> config.importFrom();
      case REPORT -> "report.html";
      case EXPERIMENT ->
          "%d trials, judged by %s, into %s"
              .formatted(
                  config.experiment().trials(config).size(),
                  word(config.experiment().judge()),
                  config.experiment().to());
      case BENCH -> "sizes %s, %s".formatted(config.bench().sizes(), engine(config.engine()));
      case PLAN -> sources(config);
      case DOCTOR -> engine(config.engine());
    };
  }

  /** Which executors and slots the verb gets; fails if Spark's settings and ours do not fit. */
  static ResourcePlan resources(Verb verb, JobConfig config, SparkConf conf) {
    boolean computes =
        !EnumSet.of(Verb.PREPARE, Verb.EXPORT, Verb.IMPORT, Verb.BENCH, Verb.DOCTOR, Verb.PLAN)
            .contains(verb);
    boolean cuda = computes && config.engine().device() == DeviceChoice.CUDA;
    ResourcePlan plan = ResourcePlan.of(conf, config.cluster(), cuda);
    if (conf.contains("spark.master") && EnumSet.of(Verb.PRETRAIN, Verb.PIPELINE).contains(verb)) {
      TrainingPlan.requireHeap(config, conf);
    }
    return plan;
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
            String.join("; ", training.describe(config.engine().microBatches())),
            clip.frames(),
            clip.height(),
            clip.width(),
            clip.tokens(),
            engine(config.engine()),
            word(config.master().kind()));
  }

  private static String masked(JobConfig config) {
    ClipGeometry clip = config.model().spec().geometry();
    return ", %d of them hidden".formatted(config.model().masking().hidden(clip));
  }

  private static String engine(EngineConfig engine) {
    return "engine %s on %s, precision %s"
        .formatted(engine.name(), word(engine.device()), word(engine.precision()));
  }

  private static String word(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }
}
