package io.tubelet.spark.stage;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.ModelSpec;
import io.tubelet.spark.config.DataConfig.Corpus;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.config.TrainingConfig;
import io.tubelet.spark.data.Corpus.SourceVideo;
import io.tubelet.spark.data.PrepareJob;
import io.tubelet.spark.data.ShardWriter;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.video.motion.MotionClass;
import io.tubelet.video.motion.MotionSet;
import io.tubelet.video.motion.SyntheticSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
      long clip = (long) PrepareStage.frames(config, corpus.role()) * span * frame;
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
      return "data.%s: %,d videos, %,d clips, %,d shards of %.1f MB, store %.3f GB at most"
          .formatted(
              role.word(), videos, clips, shards, bytes / 1e6 / Math.max(1, shards), bytes / 1e9);
    }
  }

  @Override
  public Outcome run(Run run) throws IOException {
    JobConfig config = run.config();
    JobConfig.Plan cluster = config.plan();
    int taskCores = run.session().sparkContext().conf().getInt("spark.task.cpus", 1);
    System.out.printf(
        "plan for %d executors, each with %d cores and %d GPUs%n",
        cluster.executors(), cluster.executorCores(), cluster.executorGpus());
    Map<Role, StorePlan> stores = stores(run);
    stores.values().forEach(store -> System.out.println(store.line()));
    for (TrainingPlan training : trainings(config, stores)) {
      training.lines(cluster, taskCores).forEach(System.out::println);
    }
    if (config.detect().on()) {
      System.out.println("detect: not planned; its clips are the annotated key frames");
    }
    return Outcome.done("nothing was written");
  }

  /** What preparing each corpus costs. */
  static Map<Role, StorePlan> stores(Run run) throws IOException {
    JobConfig config = run.config();
    Map<Role, StorePlan> stores = new LinkedHashMap<>();
    for (Corpus corpus : config.data().corpora()) {
      List<SourceVideo> videos =
          corpus.synthetic() ? synthetic(config, corpus) : PrepareStage.list(run, corpus).videos();
      stores.put(corpus.role(), StorePlan.of(config, corpus, videos));
    }
    if (stores.isEmpty() && !config.detect().on()) {
      throw new DataException("nothing to plan: set data.pretrain.source or data.train.source");
    }
    return stores;
  }

  private static List<SourceVideo> synthetic(JobConfig config, Corpus corpus) {
    Role role = corpus.role();
    boolean figures = corpus.source().equals(Corpus.FIGURES);
    String part = figures ? MotionSet.TRAIN : PrepareStage.motionPart(role);
    SyntheticSet set = figures ? PrepareStage.figureSet(config) : PrepareStage.motionSet(config);
    return set.items().stream()
        .filter(item -> item.name().startsWith(part + "/"))
        .map(
            item -> {
              String label = role == Role.PRETRAIN ? "" : MotionClass.of(item.index()).label();
              return new SourceVideo(item.name(), item.name().substring(part.length() + 1), label);
            })
        .toList();
  }

  /** What each training of these corpora costs. */
  static List<TrainingPlan> trainings(JobConfig config, Map<Role, StorePlan> stores) {
    List<TrainingPlan> trainings = new ArrayList<>();
    double rate = config.plan().clipsPerSecond();
    ModelSpec model = config.model().spec();
    if (stores.containsKey(Role.PRETRAIN)) {
      TrainingConfig settings = config.pretrain();
      double clips = Math.ceil(settings.selection().share() * stores.get(Role.PRETRAIN).clips());
      trainings.add(new TrainingPlan(Run.PRETRAINING, model, settings, (long) clips, rate));
    }
    if (stores.containsKey(Role.TRAIN)) {
      TrainingConfig settings = config.finetune().training();
      long clips = stores.get(Role.TRAIN).clips();
      ModelSpec classifier = model.classifier(CLASSES);
      trainings.add(new TrainingPlan(FinetuneStage.PRETRAINED, classifier, settings, clips, rate));
    }
    return trainings;
  }
}
