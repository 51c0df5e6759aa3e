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
import io.tubelet.spark.run.TrainingRun;
import io.tubelet.spark.store.ClipRow;
import io.tubelet.spark.store.CubeStore;
import io.tubelet.spark.store.Digest;
import io.tubelet.spark.store.Labels;
import io.tubelet.spark.store.StoreAccess;
import io.tubelet.training.SamplePlan;
import io.tubelet.training.TrainState;
import io.tubelet.training.Training;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * What pretraining and fine-tuning have in common: a store, a network and settings become a run of
 * rounds.
 *
 * @param name of the training, and of its folder in the run
 * @param role which store it reads
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
  Outcome run(JobConfig config, SparkSession spark, Supplier<TrainState> first) throws IOException {
    RunFolder folder = folder(config, spark);
    CubeStore store = PrepareStage.open(config, spark, role);
    requireFits(store);
    List<ClipRow> clips = clips(config, store);
    SamplePlan plan = plan(config, store, clips);
    Rounds rounds = new Rounds(plan, settings.epochs(), settings.period());
    Training training =
        new Training(
            model,
            settings.optimizer(),
            settings.schedule().over(plan, settings.epochs()),
            settings.dropping());
    TrainingRun run =
        new TrainingRun(
            name,
            training,
            rounds,
            digest(config, store, rounds, training),
            presentation.labels().names(),
            new TrainingRun.Keeping(
                settings.checkpoints().everyRounds(), settings.checkpoints().keep()));
    if (run.finished(folder)) {
      return Outcome.alreadyDone("%s: already trained".formatted(folder.file(name)));
    }
    folder.writeConfig(config.run().resolved());
    train(spark, folder, run, new Work(store, clips, Networks.master(config, spark), first));
    return Outcome.done(
        "%s: %d epochs of %d clips".formatted(folder.file(name), rounds.epochs(), plan.clips()));
  }

  private record Work(
      CubeStore store, List<ClipRow> clips, Master master, Supplier<TrainState> first) {}

  private void train(SparkSession session, RunFolder folder, TrainingRun run, Work work)
      throws IOException {
    JavaSparkContext spark = new JavaSparkContext(session.sparkContext());
    StoreAccess access = StoreAccess.share(spark, work.store, work.clips);
    MinibatchSource source = new MinibatchSource(run.rounds().plan(), access, presentation);
    try (Trainer trainer =
        new Trainer(spark, run.training(), source, run.rounds().period(), work.master)) {
      run.train(spark, folder, trainer, work.first);
    }
  }

  static RunFolder folder(JobConfig config, SparkSession spark) {
    return new RunFolder(spark.sparkContext().hadoopConfiguration(), new Path(config.run().dir()));
  }

  private List<ClipRow> clips(JobConfig config, CubeStore store) {
    TrainingConfig.Selection some = settings.selection();
    return new Subset(some.perClass(), some.share(), config.run().seed()).of(store.clips());
  }

  private SamplePlan plan(JobConfig config, CubeStore store, List<ClipRow> clips) {
    if (clips.size() < settings.replicas()) {
      throw new DataException(
          "%s has %d clips, fewer than %s.replicas = %d"
              .formatted(store.root(), clips.size(), name, settings.replicas()));
    }
    return new SamplePlan(config.run().seed(), clips.size(), settings.replicas(), settings.batch());
  }

  private void requireFits(CubeStore store) {
    int stored = store.manifest().recipe().frames();
    if (stored != model.geometry().frames()) {
      throw new StateException(
          "%s holds clips of %d frames, model.geometry.frames is %d"
              .formatted(store.root(), stored, model.geometry().frames()));
    }
  }

  /** Of all that decides the weights; where and how fast they are computed does not. */
  private String digest(JobConfig config, CubeStore store, Rounds rounds, Training training) {
    return Digest.of(
        "%s|%s|%s|%s|%s|%s"
            .formatted(
                store.manifest().digest(),
                rounds,
                training,
                presentation,
                settings.selection(),
                config.execution().master().kind()));
  }
}
