package io.tubelet.spark.stage;

import io.tubelet.masking.Masking;
import io.tubelet.model.ModelSpec;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.config.TrainingConfig;
import io.tubelet.spark.failure.DataException;
import io.tubelet.spark.failure.StateException;
import io.tubelet.spark.round.Master;
import io.tubelet.spark.round.MinibatchSource;
import io.tubelet.spark.round.Presentation;
import io.tubelet.spark.round.Rounds;
import io.tubelet.spark.round.Trainer;
import io.tubelet.spark.run.RunFolder;
import io.tubelet.spark.run.RunLease;
import io.tubelet.spark.run.TrainingRun;
import io.tubelet.spark.run.TrainingRun.End;
import io.tubelet.spark.store.ClipRow;
import io.tubelet.spark.store.Digest;
import io.tubelet.spark.store.Labels;
import io.tubelet.training.SamplePlan;
import io.tubelet.training.StatePart;
import io.tubelet.training.StateShape;
import io.tubelet.training.TrainState;
import io.tubelet.training.Training;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * What pretraining and fine-tuning have in common: a store, a network and settings become a run of
 * rounds.
 *
 * @param name of the training, and of its folder in the run
 * @param role which corpus it reads
 * @param model the network
 * @param settings epochs, batches, rates
 * @param presentation how clips become cubes
 */
record TrainingStage(
    String name, Role role, ModelSpec model, TrainingConfig settings, Presentation presentation) {

  static Presentation presentation(
      JobConfig config, TrainingConfig settings, Masking masking, Labels labels, double smoothing) {
    return new Presentation(
        config.model().spec().geometry(),
        settings.augmentation(),
        masking,
        labels,
        smoothing,
        config.run().seed());
  }

  /** Trains to the end, from the last checkpoint if there is one, else from {@code first}. */
  Outcome run(JobConfig config, SparkSession spark, Supplier<TrainState> first)
      throws IOException, InterruptedException {
    RunFolder folder = folder(config, spark);
    TrainingData data = TrainingData.of(config, spark, role);
    requireFits(data);
    List<ClipRow> clips = clips(config, data);
    SamplePlan plan = plan(config, data, clips);
    Training training =
        new Training(
            model,
            settings.optimizer(),
            settings.schedule().over(plan, settings.epochs()),
            settings.dropping());
    TrainingRun run = run(config, data, plan, training);
    Master master = Networks.master(config, spark, settings.combining().rule());
    if (run.finished(folder, parts(training, plan))) {
      return Outcome.alreadyDone("%s: already trained".formatted(folder.file(name)));
    }
    System.out.println(name + ": " + settings.step(config.execution().engine().passes()));
    try (RunLease lease = RunLease.acquire(folder, config.execution().master().lease().terms())) {
      folder.writeConfig(config.run().resolved());
      End end = train(config, spark, folder, run, new Work(data, clips, master, first, lease));
      String what =
          "%s: %d epochs of %d clips".formatted(folder.file(name), settings.epochs(), plan.clips());
      return end == End.STOPPED
          ? Outcome.interrupted(what + ": stopped, with a checkpoint to go on from")
          : Outcome.done(what);
    }
  }

  private TrainingRun run(JobConfig config, TrainingData data, SamplePlan plan, Training training) {
    Rounds rounds = new Rounds(plan, settings.epochs(), settings.period());
    JobConfig.Checkpoints keep = config.training().checkpoint();
    return new TrainingRun(
        name,
        training,
        rounds,
        digest(config, data, rounds, training),
        presentation.labels().names(),
        new TrainingRun.Keeping(
            keep.everyRounds(), keep.keep(), keep.graceSeconds(), config.report().mlflow()),
        config.training().nonFinite(),
        data.quarantine());
  }

  private List<StatePart> parts(Training training, SamplePlan plan) {
    return new StateShape(training, settings.combining().rule(), plan.replicas()).parts();
  }

  private record Work(
      TrainingData data,
      List<ClipRow> clips,
      Master master,
      Supplier<TrainState> first,
      RunLease lease) {}

  private End train(
      JobConfig config, SparkSession session, RunFolder folder, TrainingRun run, Work work)
      throws IOException {
    JavaSparkContext spark = new JavaSparkContext(session.sparkContext());
    MinibatchSource source =
        new MinibatchSource(
            run.rounds().plan(),
            work.data.access().share(spark, work.clips),
            presentation,
            config.data().readers());
    try (Trainer trainer =
        new Trainer(spark, run.training(), source, run.rounds().period(), work.master)) {
      return run.train(spark, folder, trainer, work.first, work.lease);
    }
  }

  static RunFolder folder(JobConfig config, SparkSession spark) {
    return new RunFolder(spark.sparkContext().hadoopConfiguration(), new Path(config.run().dir()));
  }

  private List<ClipRow> clips(JobConfig config, TrainingData data) {
    TrainingConfig.Selection some = settings.selection();
    Subset subset = new Subset(some.perClass(), some.share(), config.run().seed());
    Set<ClipRow> heldOut = Set.copyOf(subset.last(data.clips(), some.heldOut()));
    return subset.of(data.clips().stream().filter(clip -> !heldOut.contains(clip)).toList());
  }

  private SamplePlan plan(JobConfig config, TrainingData data, List<ClipRow> clips) {
    if (clips.size() < settings.replicas()) {
      throw new DataException(
          "%s has %d clips, fewer than %s.replicas = %d"
              .formatted(data.place(), clips.size(), name, settings.replicas()));
    }
    return new SamplePlan(config.run().seed(), clips.size(), settings.replicas(), settings.batch());
  }

  private void requireFits(TrainingData data) {
    if (data.frames() != model.geometry().frames()) {
      throw new StateException(
          "%s holds clips of %d frames, model.geometry.frames is %d"
              .formatted(data.place(), data.frames(), model.geometry().frames()));
    }
  }

  /** Of all that decides the weights; where and how fast they are computed does not. */
  private String digest(JobConfig config, TrainingData data, Rounds rounds, Training training) {
    return Digest.of(
        "%s|%s|%s|%s|%s|%s|%s"
            .formatted(
                data.digest(),
                rounds,
                training,
                presentation,
                settings.selection(),
                settings.combining().rule(),
                config.execution().master().kind()));
  }
}
