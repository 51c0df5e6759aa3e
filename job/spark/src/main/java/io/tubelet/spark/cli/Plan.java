package io.tubelet.spark.cli;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.ParameterLayout;
import io.tubelet.spark.cli.StageCommand.Verb;
import io.tubelet.spark.cluster.ResourcePlan;
import io.tubelet.spark.config.DataConfig.Corpus;
import io.tubelet.spark.config.ExecutionConfig.DeviceChoice;
import io.tubelet.spark.config.ExecutionConfig.EngineConfig;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.config.TrainingConfig;
import io.tubelet.spark.files.Failure.LayoutException;
import io.tubelet.train.Optimizer;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;

/** What a verb would do, in one line. */
final class Plan {
  private Plan() {}

  /**
   * @param ofData whether {@code doctor} looks into the corpora
   */
  static String line(Verb verb, boolean ofData, JobConfig config) {
    String what =
        switch (verb) {
          case PREPARE -> prepare(config);
          case PRETRAIN -> training(config.pretrain(), config) + masked(config);
          case FINETUNE ->
              training(config.finetune().training(), config) + ", from " + config.finetune().from();
          case EVALUATE -> views(config.evaluate());
          case PREDICT -> "%s into %s".formatted(config.predict().source(), config.predict().to());
          case RECONSTRUCT -> "clips" + masked(config);
          case PIPELINE ->
              "%s; then %s; then %s; then %s"
                  .formatted(
                      prepare(config),
                      training(config.pretrain(), config) + masked(config),
                      training(config.finetune().training(), config),
                      views(config.evaluate()));
          case EMBED -> "%s of %s".formatted(features(config), config.features().corpora());
          case PROBE -> features(config);
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
          case BENCH ->
              "sizes %s, %s".formatted(config.bench().sizes(), engine(config.execution().engine()));
          case PLAN -> sources(config);
          case DOCTOR -> ofData ? sources(config) : engine(config.execution().engine());
        };
    return "%s: %s; run folder %s".formatted(verb.word(), what, config.run().dir());
  }

  /**
   * Which executors and slots the verb gets.
   *
   * @throws io.tubelet.spark.files.Failure.LayoutException if Spark's settings and ours do not fit
   */
  static ResourcePlan resources(Verb verb, JobConfig config, SparkConf conf) {
    boolean computes =
        !EnumSet.of(Verb.PREPARE, Verb.EXPORT, Verb.IMPORT, Verb.BENCH, Verb.DOCTOR, Verb.PLAN)
            .contains(verb);
    boolean cuda = computes && config.execution().engine().device() == DeviceChoice.CUDA;
    ResourcePlan plan = ResourcePlan.of(conf, config.cluster(), cuda);
    if (conf.contains("spark.master") && EnumSet.of(Verb.PRETRAIN, Verb.PIPELINE).contains(verb)) {
      requireHeap(config, conf);
    }
    return plan;
  }

  /**
   * The heap of a task must hold the state twice, before a step and after it; the driver keeps
   * none. In local mode it is this one.
   */
  private static void requireHeap(JobConfig config, SparkConf conf) {
    long vectors = config.pretrain().optimizer() instanceof Optimizer.AdamW ? 3 : 1;
    long parameters = ParameterLayout.of(config.model().spec()).count();
    long state = (Float.BYTES * vectors * parameters) >> 20;
    boolean local = conf.get("spark.master").matches("local(\\[.*)?");
    long heap =
        local
            ? Runtime.getRuntime().maxMemory() >> 20
            : conf.getSizeAsMb("spark.executor.memory", "1g");
    if (heap < 2 * state) {
      throw new LayoutException(
          List.of(
              "a heap of %d MB cannot hold a training state of %d MB twice: set TUBELET_%s_MEMORY=%dm or more"
                  .formatted(heap, state, local ? "DRIVER" : "EXECUTOR", 3 * state + 512)));
    }
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
            String.join("; ", training.describe(config.execution().engine().microBatches())),
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
    return "features of " + config.features().from();
  }

  private static String views(JobConfig.Evaluation evaluate) {
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
