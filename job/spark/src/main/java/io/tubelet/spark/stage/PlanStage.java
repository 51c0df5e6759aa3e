package io.tubelet.spark.stage;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.spark.config.DataConfig;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.config.PlanConfig;
import io.tubelet.spark.config.TrainingConfig;
import io.tubelet.spark.failure.DataException;
import io.tubelet.spark.store.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * {@code plan}: what a configuration comes to on a cluster, before anything is spent: stores,
 * decoding, network, memory, hours. Sources are listed and a few of their videos decoded; nothing
 * is written.
 */
final class PlanStage implements Stage {

  /** What the verb {@code bench} writes, as far as it matters here. */
  private record Figures(List<Figure> cases) {}

  private record Figure(
      String model,
      Precision precision,
      int batch,
      @JsonProperty("clips_per_second") double clipsPerSecond) {}

  @Override
  public Outcome run(JobConfig config, SparkSession spark) throws IOException {
    PlanConfig cluster = config.plan();
    int taskCores = spark.sparkContext().conf().getInt("spark.task.cpus", 1);
    System.out.printf(
        "plan for %d executors, each with %d cores and %d GPUs%n",
        cluster.executors(), cluster.cores(), cluster.gpus());
    Map<Role, StorePlan> stores = stores(config, spark);
    stores
        .values()
        .forEach(store -> System.out.println(store.line(cluster.executors() * cluster.cores())));
    for (TrainingPlan training : trainings(config, spark, stores)) {
      training.lines(cluster, taskCores).forEach(System.out::println);
    }
    return Outcome.done("nothing was written");
  }

  /** What preparing each corpus comes to. */
  static Map<Role, StorePlan> stores(JobConfig config, SparkSession spark) throws IOException {
    Map<Role, StorePlan> stores = new LinkedHashMap<>();
    for (DataConfig.Corpus corpus : config.data().corpora()) {
      stores.put(corpus.role(), StorePlan.of(config, spark, corpus));
    }
    if (stores.isEmpty()) {
      throw new DataException("nothing to plan: set data.pretrain.source or data.train.source");
    }
    return stores;
  }

  /** What each training of these corpora comes to. */
  static List<TrainingPlan> trainings(
      JobConfig config, SparkSession spark, Map<Role, StorePlan> stores) {
    List<TrainingPlan> trainings = new ArrayList<>();
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    ModelSpec model = config.model().spec();
    StorePlan pretrain = stores.get(Role.PRETRAIN);
    if (pretrain != null) {
      long clips = (long) Math.ceil(config.pretrain().selection().share() * pretrain.clips());
      trainings.add(training(config, hadoop, PretrainStage.NAME, model, config.pretrain(), clips));
    }
    StorePlan train = stores.get(Role.TRAIN);
    if (train != null) {
      trainings.add(
          training(
              config,
              hadoop,
              FinetuneStage.PRETRAINED,
              model.classifier(config.bench().classes()),
              config.finetune().training(),
              train.clips()));
    }
    return trainings;
  }

  private static TrainingPlan training(
      JobConfig config,
      Configuration hadoop,
      String name,
      ModelSpec model,
      TrainingConfig settings,
      long clips) {
    double rate = config.plan().clipsPerSecond();
    return new TrainingPlan(
        name, model, settings, clips, rate > 0 ? rate : measured(config, hadoop, name, settings));
  }

  /**
   * What {@code bench} measured with this network, precision and the nearest batch; 0 if it did
   * not. With {@link Precision#AUTO}, in the fastest, as bench times none that the device has no
   * instructions for.
   */
  private static double measured(
      JobConfig config, Configuration hadoop, String name, TrainingConfig settings) {
    Path file = new Path(config.plan().bench().isEmpty() ? "none" : config.plan().bench());
    String kind = name.equals(PretrainStage.NAME) ? "pretraining" : "classification";
    Optional<Figures> figures = Json.read(hadoop, file, Figures.class);
    if (figures.isEmpty() && !config.plan().bench().isEmpty()) {
      throw new DataException("plan.bench: no such file: " + file);
    }
    Precision precision = config.execution().engine().precision();
    return figures.map(Figures::cases).orElse(List.of()).stream()
        .filter(figure -> figure.model.equals(size(config) + " " + kind))
        .filter(figure -> precision == Precision.AUTO || precision == figure.precision)
        .min(
            Comparator.<Figure>comparingInt(figure -> Math.abs(figure.batch - settings.batch()))
                .thenComparing(Figure::clipsPerSecond, Comparator.reverseOrder()))
        .map(Figure::clipsPerSecond)
        .orElse(0.0);
  }

  private static String size(JobConfig config) {
    for (ModelSize size : ModelSize.values()) {
      if (size.encoder().equals(config.model().spec().encoder())) {
        return size.name().toLowerCase(Locale.ROOT);
      }
    }
    return "";
  }
}
