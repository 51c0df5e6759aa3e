package io.tubelet.spark.stage;

import io.tubelet.model.ModelSpec;
import io.tubelet.spark.config.DataConfig;
import io.tubelet.spark.config.DataConfig.Reading;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.DataConfig.Sampling;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.ClipDecoder;
import io.tubelet.spark.data.Corpus;
import io.tubelet.spark.data.Corpus.SourceVideo;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.data.MotionJob;
import io.tubelet.spark.data.PrepareJob;
import io.tubelet.spark.data.Recipe;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.train.RunFolder;
import io.tubelet.spark.train.RunLease;
import io.tubelet.video.Decoding;
import io.tubelet.video.Decoding.DecodeLimits;
import io.tubelet.video.InProcess;
import io.tubelet.video.InThread;
import io.tubelet.video.motion.FigureSet;
import io.tubelet.video.motion.MotionSet;
import java.io.IOException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.fs.Path;

/** {@code prepare}: every corpus of the configuration becomes a cube store. */
final class PrepareStage implements Stage {

  /** Memory of a process that decodes, one a core; an HEVC file of 8192 x 4320 needs 1000. */
  private static final int PROCESS_MEGABYTES = 2048;

  @Override
  public Outcome run(Run run) throws IOException, InterruptedException {
    JobConfig config = run.config();
    if (config.data().corpora().isEmpty()) {
      throw new DataException(
          "nothing to prepare: set data.pretrain.source, data.train.source or data.test.source");
    }
    Map<DataConfig.Corpus, Corpus> corpora = new LinkedHashMap<>();
    for (DataConfig.Corpus settings : config.data().corpora()) {
      corpora.put(settings, labelled(run, settings));
    }
    requireLabels(config, corpora);
    corpora.forEach((settings, corpus) -> requireEnough(config, settings, corpus));
    return Stage.each(corpora.entrySet(), one -> prepare(run, one.getKey(), one.getValue()));
  }

  /** Whether a corpus becomes a store; what is looked at after training always does. */
  static boolean stored(JobConfig config, Role role) {
    return role == Role.TEST || config.data().reading() == Reading.STORE;
  }

  static Path store(JobConfig config, Role role) {
    return new Path(config.data().store(), role.word());
  }

  /** What is listed tells before any training whether a classifier can be trained after it. */
  private static void requireLabels(JobConfig config, Map<DataConfig.Corpus, Corpus> corpora) {
    Map<Role, Set<String>> labels = new EnumMap<>(Role.class);
    corpora.forEach(
        (settings, corpus) ->
            labels.put(
                settings.role(),
                corpus.videos().stream()
                    .map(SourceVideo::label)
                    .collect(Collectors.toCollection(TreeSet::new))));
    Set<String> known = labels.get(Role.TRAIN);
    if (known != null) {
      Set<String> unknown = labels.getOrDefault(Role.TEST, new TreeSet<>());
      unknown.removeAll(known);
      if (!unknown.isEmpty()) {
        throw new DataException("data.test has labels that data.train has not: " + unknown);
      }
      FinetuneStage.requireLearnable(config, "data.train", new Labels(List.copyOf(known)));
    }
  }

  /** A replica without a clip would be found out when its training begins, days later perhaps. */
  private static void requireEnough(JobConfig config, DataConfig.Corpus settings, Corpus corpus) {
    int replicas =
        switch (settings.role()) {
          case PRETRAIN -> config.pretrain().replicas();
          case TRAIN -> config.finetune().training().replicas();
          case TEST -> 0;
        };
    int clips = corpus.videos().size() * settings.clips();
    if (clips < replicas) {
      throw new DataException(
          "data.%s has %d clips, fewer than its %d replicas"
              .formatted(settings.role().word(), clips, replicas));
    }
  }

  private static Outcome prepare(Run run, DataConfig.Corpus settings, Corpus corpus)
      throws IOException, InterruptedException {
    JobConfig config = run.config();
    if (!stored(config, settings.role())) {
      return Outcome.alreadyDone("data.%s: read as videos".formatted(settings.role().word()));
    }
    return prepare(run, store(config, settings.role()), recipe(config, settings, corpus), corpus);
  }

  /** Makes a store of a corpus, if it is not there. */
  static Outcome prepare(Run run, Path root, Recipe recipe, Corpus corpus)
      throws IOException, InterruptedException {
    JobConfig config = run.config();
    if (!isThere(run, root, recipe)) {
      RunFolder folder = new RunFolder(run.hadoop(), root);
      try (RunLease lease = Run.lease(folder)) {
        if (!isThere(run, root, recipe)) { // else another process made it meanwhile
          CubeStore.unpublish(run.session(), root);
          CubeStore.Manifest made =
              new PrepareJob(root, decoder(config, recipe), config.data().failureBudget())
                  .run(run.session(), corpus)
                  .manifest();
          lease.requireHeld();
          return Outcome.done(
              "%s: %d clips of %d videos, %d quarantined"
                  .formatted(
                      root, made.clips(), made.videos() + made.quarantined(), made.quarantined()));
        }
      }
    }
    return Outcome.alreadyDone("%s: already prepared".formatted(root));
  }

  /** Files that have changed since are decoded again if some were broken: they may be mended. */
  private static boolean isThere(Run run, Path root, Recipe now) {
    Optional<CubeStore.Manifest> before = CubeStore.manifest(run.session(), root);
    String difference = before.map(store -> store.recipe().difference(now)).orElse("");
    if (difference.isEmpty()) {
      return before.isPresent();
    }
    if (before.get().quarantined() > 0 && before.get().recipe().filesChanged(now)) {
      return false;
    }
    throw new StateException(
        "%s was prepared with other settings: %s; choose another data.store or delete it"
            .formatted(root, difference));
  }

  /** The videos of a corpus, labelled or not; the synthetic ones are made if they are not there. */
  static Corpus list(Run run, DataConfig.Corpus settings) throws IOException {
    String source = settings.source();
    if (source.equals(DataConfig.Corpus.FIGURES)) {
      source = new Path(figures(run), MotionSet.TRAIN).toString();
    } else if (settings.synthetic()) {
      Path folder = new Path(run.config().data().store(), DataConfig.Corpus.MOTION);
      new MotionJob(folder, motionSet(run.config())).run(run.spark());
      source = new Path(folder, motionPart(settings.role())).toString();
    }
    return Corpus.list(run.session(), source, settings.listing());
  }

  /** The same, of which each video has a label if it is to be learnt from. */
  static Corpus labelled(Run run, DataConfig.Corpus settings) throws IOException {
    Corpus corpus = list(run, settings);
    Optional<SourceVideo> unlabelled =
        corpus.videos().stream().filter(video -> video.label().isEmpty()).findFirst();
    if (settings.role() != Role.PRETRAIN && unlabelled.isPresent()) {
      throw new DataException(
          "%s has no label in %s (of a table: column '%s', data.columns.label); data.%s needs one for every video"
              .formatted(
                  unlabelled.get().id(),
                  settings.source(),
                  settings.listing().columns().label(),
                  settings.role().word()));
    }
    return corpus.look(run.spark());
  }

  /** Makes the films of figures if they are not there. */
  static Path figures(Run run) throws IOException {
    Path folder = new Path(run.config().data().store(), DataConfig.Corpus.FIGURES);
    new MotionJob(folder, figureSet(run.config())).run(run.spark());
    return folder;
  }

  static FigureSet figureSet(JobConfig config) {
    DataConfig.Motion motion = config.data().motion();
    return new FigureSet( // films that no setting of the demo was chosen by
        new MotionSet.Spec(2, motion.size(), motion.frames()),
        motion.trainPerClass(),
        motion.testPerClass());
  }

  static MotionSet motionSet(JobConfig config) {
    DataConfig.Motion motion = config.data().motion();
    return new MotionSet(
        new MotionSet.Spec(1, motion.size(), motion.frames()),
        new MotionSet.Counts(motion.trainPerClass(), motion.testPerClass(), motion.unlabelled()));
  }

  static String motionPart(Role role) {
    return switch (role) {
      case PRETRAIN -> MotionSet.UNLABELLED;
      case TRAIN -> MotionSet.TRAIN;
      case TEST -> MotionSet.TEST;
    };
  }

  /** Of a clip of this part: in pretraining with those of the target. */
  static int frames(JobConfig config, Role role) {
    ModelSpec model = config.model().spec();
    return (role == Role.PRETRAIN ? model.clips() : model.geometry()).frames();
  }

  static Recipe recipe(JobConfig config, DataConfig.Corpus settings, Corpus corpus) {
    int frames = frames(config, settings.role());
    return new Recipe(
        digest(corpus, video -> video.id() + "\t" + video.label() + video.wanted()),
        digest(corpus, video -> Long.toString(video.bytes())) + digest(corpus, SourceVideo::ends),
        frames,
        settings.stride() * frames(config, Role.TRAIN) / frames, // half of it for twice the frames
        settings.clips(),
        Recipe.Spacing.of(settings.role() == Role.TEST, settings.sampling() == Sampling.UNIFORM),
        config.data().shortSide(),
        config.data().shardClips(),
        config.data().seed(),
        config.data().codec(),
        config.data().span(settings.role()));
  }

  private static String digest(Corpus corpus, Function<SourceVideo, String> what) {
    return DigestUtils.sha256Hex(
        corpus.videos().stream().map(what).collect(Collectors.joining("\n")));
  }

  static ClipDecoder decoder(JobConfig config, Recipe recipe) {
    return new ClipDecoder(recipe, limits(config.data()), decoding(config.data()));
  }

  static DecodeLimits limits(DataConfig data) {
    DecodeLimits usual = DecodeLimits.DEFAULT;
    return new DecodeLimits(
        usual.pixels(), usual.frames(), data.secondsPerFile(), usual.wholeFrames());
  }

  static Decoding decoding(DataConfig data) {
    return switch (data.isolation()) {
      case PROCESS -> new InProcess(PROCESS_MEGABYTES);
      case THREAD -> new InThread();
    };
  }
}
