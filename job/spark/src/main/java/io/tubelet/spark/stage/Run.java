package io.tubelet.spark.stage;

import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameters;
import io.tubelet.spark.cluster.Slots;
import io.tubelet.spark.cluster.TaskDevice;
import io.tubelet.spark.config.DataConfig;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.config.JobConfig.EngineConfig;
import io.tubelet.spark.config.JobConfig.MasterKind;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.evaluate.Inference;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.train.Checkpoints;
import io.tubelet.spark.train.Dl4jMaster;
import io.tubelet.spark.train.EnginePool;
import io.tubelet.spark.train.Master;
import io.tubelet.spark.train.RoundsMaster;
import io.tubelet.spark.train.RunFolder;
import io.tubelet.spark.train.RunLease;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.Training;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * What every stage gets: the configuration and the Spark session, and by way of them the run's
 * folder, its checkpoints, its stores and engines for its networks.
 */
public record Run(JobConfig config, SparkSession session) {
  private static final RunLease.Terms LEASE = new RunLease.Terms(10, 60, 1);

  static final String PRETRAINING = "pretrain";

  /** The trainings that a checkpoint can be named by. */
  static final List<String> TRAININGS =
      Stream.concat(Stream.of(PRETRAINING), FinetuneStage.MODELS.stream()).toList();

  /** The network of a checkpoint; labels in the classifier's order, none for a pretrained one. */
  record Trained(Path checkpoint, Labels labels, Parameters weights) {}

  /** This run with other settings, each {@code key=value}. */
  Run with(String... settings) {
    return new Run(config.with(List.of(settings)), session);
  }

  RunFolder folder() {
    return new RunFolder(hadoop(), new Path(config.run().dir()));
  }

  /** Keeps the folder of a run or of a store to this process. */
  static RunLease lease(RunFolder folder) throws IOException, InterruptedException {
    return RunLease.acquire(folder, LEASE);
  }

  Configuration hadoop() {
    return session.sparkContext().hadoopConfiguration();
  }

  JavaSparkContext spark() {
    return new JavaSparkContext(session.sparkContext());
  }

  /** Spark, which calls the jobs of this thread {@code work} from here on. */
  JavaSparkContext spark(String work) {
    JavaSparkContext spark = spark();
    spark.setJobDescription(work);
    return spark;
  }

  /** The store of a corpus that the stage cannot do without. */
  CubeStore store(Role role) {
    if (!PrepareStage.stored(config, role)) {
      throw new DataException(
          "data.read = videos makes no store of data.%s; this reads stores: set data.test.source"
              .formatted(role.word()));
    }
    CubeStore store = CubeStore.open(session, PrepareStage.store(config, role));
    DataConfig data = config.data();
    return data.heldOut().isEmpty() || role == Role.PRETRAIN
        ? store
        : store.part(role.word() + " " + data.heldOut(), data.videos(role));
  }

  /** The test store, or the pretraining's if there is no test set: its clips are made visible. */
  CubeStore shown() {
    return store(shownRole());
  }

  Role shownRole() {
    ModelSpec model = config.model().spec(); // a target of more frames only one store has
    boolean test = config.data().corpus(Role.TEST).isPresent();
    return test && model.clips().equals(model.geometry()) ? Role.TEST : Role.PRETRAIN;
  }

  /** Where {@link FinetuneStage.CheckpointSelection} keeps its choice. */
  Checkpoints chosen(String training) {
    return new Checkpoints(hadoop(), folder().file(training + "/chosen"));
  }

  /** The checkpoint of a training to use, if there is one: the chosen one, else the newest. */
  Optional<Path> trained(String training) {
    return chosen(training).newest().or(() -> folder().checkpoints(training).newest());
  }

  /** A checkpoint by the name of its training, or by its path; fails if that training has none. */
  Path checkpoint(String from) {
    if (!TRAININGS.contains(from)) {
      return new Path(from);
    }
    String verb = from.equals(Run.PRETRAINING) ? from : FinetuneStage.PRETRAINED;
    return trained(from)
        .orElseThrow(
            () ->
                new StateException(
                    "no checkpoint in %s: run `%s` first".formatted(folder().file(from), verb)));
  }

  /** A checkpoint in this configuration's network, with a classifier if the checkpoint has one. */
  Trained read(Path checkpoint) {
    return read(checkpoint, this::network);
  }

  /** In a network for as many classes as the checkpoint has. */
  Trained read(Path checkpoint, IntFunction<ModelSpec> network) {
    WeightFiles files = WeightFiles.open(hadoop(), checkpoint);
    Labels labels = files.labels();
    ModelSpec model = network.apply(labels.size());
    if (files.detects() && !model.detects()) {
      throw new StateException(
          "%s is a detector, which detect alone can ask; an export would hold the same files"
              .formatted(checkpoint));
    }
    return new Trained(checkpoint, labels, files.weights(model, labels, config.run().seed()));
  }

  /** The configuration's network: with a classifier of {@code classes}, or for pretraining if 0. */
  ModelSpec network(int classes) {
    ModelSpec pretraining = config.model().spec();
    return classes == 0 ? pretraining : pretraining.classifier(classes);
  }

  /** These weights at work on a store; Spark calls it {@code work}. */
  Inference inference(String work, Parameters weights, CubeStore store) {
    Training untrained =
        new Training(weights.layout().model(), new Optimizer.Sgd(), LearningRate.constant(0));
    EnginePool.Order order = new EnginePool.Order(config.engine().name(), untrained, placement());
    return new Inference(spark(work), order, store, weights);
  }

  Master master() {
    var master = config.master();
    return master.kind() == MasterKind.DL4J
        ? new Dl4jMaster()
        : new RoundsMaster(
            new RoundsMaster.Settings(
                config.engine().name(),
                placement(),
                Duration.ofSeconds(master.timeoutSeconds()),
                master.plainNetwork()));
  }

  private Placement placement() {
    EngineConfig engine = config.engine();
    boolean gpus = Slots.TRAIN.haveGpus(session.sparkContext().conf());
    return new Placement(device(gpus), engine.precision(), engine.threads(), engine.microBatches());
  }

  /** For a replica in this process that owns this many cores. */
  public Placement placement(int cores) {
    EngineConfig engine = config.engine();
    int threads = engine.threads() == 0 ? cores : engine.threads();
    return TaskDevice.of(
        new Placement(device(false), engine.precision(), threads, engine.microBatches()));
  }

  /** Which card it is, only the task knows. */
  private Device device(boolean gpus) {
    return switch (config.engine().device()) {
      case CPU -> Device.CPU;
      case AUTO -> gpus ? Device.TASKS_CARD : Device.CPU;
      case CUDA -> Device.TASKS_CARD;
    };
  }
}
