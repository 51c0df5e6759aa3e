package io.tubelet.spark.stage;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.spark.config.DataConfig.Corpus;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.config.TrainingConfig;
import io.tubelet.spark.data.Corpus.SourceVideo;
import io.tubelet.spark.data.PrepareJob;
import io.tubelet.spark.data.ShardWriter;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.files.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * {@code plan}: what a configuration costs on a cluster, before anything is spent: stores, network,
 * memory, hours. Sources are listed; nothing is decoded and nothing written.
 */
final class PlanStage implements Stage {
  /** Rows of the classifier, as for Kinetics-400; a small part of any network. */
  private static final int CLASSES = 400;

  /**
   * What preparing one corpus costs, if every video gives its clips. Frames are taken to be 16:9,
   * those of the synthetic set are square.
   *
   * @param clips of all videos
   * @param shards files
   * @param bytes of all shards, with raw pixels, if every span is full
   */
  record StorePlan(Role role, long videos, long clips, long shards, long bytes) {
    /** Shards that are measured; those of a larger corpus are taken to be like them. */
    private static final int MEASURED = 64;

    static StorePlan of(JobConfig config, Corpus corpus, List<SourceVideo> videos) {
      int side = config.data().shortSide();
      long frame = side * (corpus.synthetic() ? side : side * 16L / 9) * ClipGeometry.CHANNELS;
      int span = config.data().span(corpus.role());
      long clip = (long) config.model().spec().geometry().frames() * span * frame;
      var shards = PrepareJob.deal(videos, config.data().shardClips(), corpus.clips());
      long bytes =
          shards.stream()
              .limit(MEASURED)
              .mapToLong(shard -> ShardWriter.size(shard, corpus.clips(), clip))
              .sum();
      double measured = Math.min(1.0 * MEASURED / Math.max(1, shards.size()), 1);
      return new StorePlan(
          corpus.role(),
          videos.size(),
          (long) videos.size() * corpus.clips(),
          shards.size(),
          (long) (bytes / measured));
    }

    private String line() {
      return String.format(
          Locale.ROOT,
          "data.%s: %,d videos, %,d clips, %,d shards of %.1f MB, store %.3f GB at most",
          role.word(),
          videos,
          clips,
          shards,
          bytes / 1e6 / Math.max(1, shards),
          bytes / 1e9);
    }
  }

  /** What the verb {@code bench} writes, as far as it matters here. */
  private record Figures(List<Figure> cases) {}

  private record Figure(
      String model,
      Precision precision,
      int batch,
      @JsonProperty("clips_per_second") double clipsPerSecond) {}

  @Override
  public Outcome run(Run run) throws IOException {
    JobConfig config = run.config();
    SparkSession spark = run.session();
    JobConfig.Plan cluster = config.plan();
    int taskCores = spark.sparkContext().conf().getInt("spark.task.cpus", 1);
    System.out.printf(
        "plan for %d executors, each with %d cores and %d GPUs%n",
        cluster.executors(), cluster.executorCores(), cluster.executorGpus());
    Map<Role, StorePlan> stores = stores(config, spark);
    stores.values().forEach(store -> System.out.println(store.line()));
    for (TrainingPlan training : trainings(config, spark, stores)) {
      training.lines(cluster, taskCores).forEach(System.out::println);
    }
    return Outcome.done("nothing was written");
  }

  /** What preparing each corpus costs. */
  static Map<Role, StorePlan> stores(JobConfig config, SparkSession spark) throws IOException {
    Map<Role, StorePlan> stores = new LinkedHashMap<>();
    for (Corpus corpus : config.data().corpora()) {
      List<SourceVideo> videos =
          corpus.synthetic()
              ? synthetic(config, corpus.role())
              : PrepareStage.list(config, spark, corpus).videos();
      stores.put(corpus.role(), StorePlan.of(config, corpus, videos));
    }
    if (stores.isEmpty()) {
      throw new DataException("nothing to plan: set data.pretrain.source or data.train.source");
    }
    return stores;
  }

  private static List<SourceVideo> synthetic(JobConfig config, Role role) {
    String part = PrepareStage.motionPart(role);
    return PrepareStage.motionSet(config).items().stream()
        .filter(item -> item.split().equals(part))
        .map(
            item -> {
              String label = role == Role.PRETRAIN ? "" : item.motion().label();
              return new SourceVideo(item.name(), item.name().substring(part.length() + 1), label);
            })
        .toList();
  }

  /** What each training of these corpora costs. */
  static List<TrainingPlan> trainings(
      JobConfig config, SparkSession spark, Map<Role, StorePlan> stores) {
    List<TrainingPlan> trainings = new ArrayList<>();
    ModelSpec model = config.model().spec();
    if (stores.containsKey(Role.PRETRAIN)) {
      TrainingConfig settings = config.pretrain();
      double clips = Math.ceil(settings.selection().share() * stores.get(Role.PRETRAIN).clips());
      double rate = rate(config, spark, "pretraining", settings);
      trainings.add(new TrainingPlan(PretrainStage.NAME, model, settings, (long) clips, rate));
    }
    if (stores.containsKey(Role.TRAIN)) {
      TrainingConfig settings = config.finetune().training();
      long clips = stores.get(Role.TRAIN).clips();
      double rate = rate(config, spark, "classification", settings);
      ModelSpec classifier = model.classifier(CLASSES);
      trainings.add(new TrainingPlan(FinetuneStage.PRETRAINED, classifier, settings, clips, rate));
    }
    return trainings;
  }

  /**
   * Clips a second of a replica, as given or as {@code bench} measured with this network, precision
   * and the nearest batch; 0 if it did not. With {@link Precision#AUTO}, in the fastest, as bench
   * times none that the device has no instructions for.
   */
  private static double rate(
      JobConfig config, SparkSession spark, String kind, TrainingConfig settings) {
    if (config.plan().clipsPerSecond() > 0 || config.plan().bench().isEmpty()) {
      return config.plan().clipsPerSecond();
    }
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    Path file = new Path(config.plan().bench());
    List<Figure> cases =
        Json.read(hadoop, file, Figures.class)
            .orElseThrow(() -> new DataException("plan.bench: no such file: " + file))
            .cases;
    Precision precision = config.execution().engine().precision();
    String model =
        Stream.of(ModelSize.values())
            .filter(size -> size.encoder().equals(config.model().spec().encoder()))
            .map(size -> size.name().toLowerCase(Locale.ROOT) + " " + kind)
            .findFirst()
            .orElse("");
    return cases.stream()
        .filter(figure -> figure.model.equals(model))
        .filter(figure -> precision == Precision.AUTO || precision == figure.precision)
        .min(
            Comparator.<Figure>comparingInt(figure -> Math.abs(figure.batch - settings.batch()))
                .thenComparing(Figure::clipsPerSecond, Comparator.reverseOrder()))
        .map(Figure::clipsPerSecond)
        .orElse(0.0);
  }
}
