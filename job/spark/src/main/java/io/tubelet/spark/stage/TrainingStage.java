package io.tubelet.spark.stage;

import io.tubelet.masking.Masking.NoMasking;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.config.TrainingConfig;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.train.ClipTransform;
import io.tubelet.spark.train.Master;
import io.tubelet.spark.train.MinibatchSource;
import io.tubelet.spark.train.Rounds;
import io.tubelet.spark.train.RunFolder;
import io.tubelet.spark.train.RunLease;
import io.tubelet.spark.train.TrainingLoop;
import io.tubelet.spark.train.TrainingLoop.End;
import io.tubelet.spark.train.TrainingRun;
import io.tubelet.spark.train.TrainingRun.Validation;
import io.tubelet.train.SamplePlan;
import io.tubelet.train.Training;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * What pretraining and fine-tuning have in common: clips, a network and settings become a run of
 * rounds.
 *
 * @param name of the training, and of its folder in the run
 * @param model the network
 * @param smoothing share of a label that is spread over all classes
 * @param start what the first weights are, for the digest of the settings
 */
record TrainingStage(
    Run run,
    String name,
    TrainingData data,
    TrainingConfig settings,
    ModelSpec model,
    double smoothing,
    String start,
    Validation validation) {

  /** {@code pretrain}: the network learns without labels, by its task. */
  static Outcome pretrain(Run run) throws IOException, InterruptedException {
    JobConfig config = run.config();
    return new TrainingStage(
            run,
            Run.PRETRAINING,
            TrainingData.of(run, Role.PRETRAIN),
            config.pretrain(),
            config.model().spec(),
            0,
            "",
            Validation.NONE)
        .train(layout -> tensor -> Parameters.draw(layout, tensor, config.run().seed()));
  }

  /** Trains to the end, from the last checkpoint if there is one, else from {@code first}. */
  Outcome train(Function<ParameterLayout, IntFunction<float[]>> first)
      throws IOException, InterruptedException {
    JobConfig config = run.config();
    RunFolder folder = run.folder();
    List<ClipRow> clips = clips();
    requireFits(clips.size());
    SamplePlan plan =
        new SamplePlan(config.run().seed(), clips.size(), settings.replicas(), settings.batch());
    TrainingRun training = training(plan);
    if (training.finished(folder)) {
      return Outcome.alreadyDone("%s: already trained".formatted(folder.file(name)));
    }
    settings
        .describe(config.engine().microBatches())
        .forEach(line -> System.out.println(name + ": " + line));
    if (clips.size() < settings.replicas() * settings.batch()) {
      System.out.printf(
          "%s: no step has more than the %d clips that there are%n", name, clips.size());
    }
    ParameterLayout layout = ParameterLayout.of(training.training().model());
    JavaSparkContext spark = run.spark();
    try (RunLease lease = Run.lease(folder);
        Master master = run.master()) {
      folder.write("config.conf", config.run().resolved().getBytes(StandardCharsets.UTF_8));
      MinibatchSource source =
          new MinibatchSource(plan, data.access().apply(spark, clips), presentation(), 0);
      End end =
          new TrainingLoop(training, folder, master, source, first.apply(layout), lease).run(spark);
      String what =
          "%s: %d epochs of %d clips".formatted(folder.file(name), settings.epochs(), plan.clips());
      return end == End.STOPPED
          ? Outcome.interrupted(what + ": stopped, with a checkpoint to resume from")
          : Outcome.done(what);
    }
  }

  /** The clips that are trained on: those of the selection, without the validation split. */
  private List<ClipRow> clips() {
    if (model.detects()) { // no clip is of one class
      return data.clips();
    }
    TrainingConfig.Selection some = settings.selection();
    Subset subset = new Subset(some.perClass(), some.share(), run.config().run().seed());
    Set<ClipRow> heldOut = Set.copyOf(subset.last(data.clips(), some.heldOut()));
    return subset.of(data.clips().stream().filter(clip -> !heldOut.contains(clip)).toList());
  }

  private void requireFits(int clips) {
    int frames = model.clips().frames();
    if (data.frames() != frames) {
      throw new StateException(
          "%s holds clips of %d frames, by model.geometry and model.target-frames they have %d"
              .formatted(data.place(), data.frames(), frames));
    }
    if (clips < settings.replicas()) {
      throw new DataException(
          "%s has %d clips, fewer than %s.replicas = %d"
              .formatted(data.place(), clips, name, settings.replicas()));
    }
  }

  private TrainingRun training(SamplePlan plan) {
    Training training =
        new Training(model, settings.optimizer(), settings.rates(plan), settings.dropping());
    Rounds rounds = new Rounds(plan, settings.epochs(), settings.period());
    return new TrainingRun(
        name,
        training,
        settings.combining().rule(),
        rounds,
        digest(rounds, training),
        data.labels().names(),
        run.config().checkpoint(),
        run.config().mlflow(),
        validation,
        data.quarantine());
  }

  private ClipTransform presentation() {
    return new ClipTransform(
        model.clips(),
        model.detects() ? settings.augmentation().ofWholeFrames() : settings.augmentation(),
        data.labels().size() == 0 ? run.config().model().masking() : new NoMasking(),
        data.labels(),
        smoothing,
        run.config().run().seed(),
        model.detects() ? ClipTransform.Boxes.JITTERED : ClipTransform.Boxes.NONE);
  }

  /** Of all that decides the weights; where and how fast they are computed does not. */
  private String digest(Rounds rounds, Training training) {
    return DigestUtils.sha256Hex(
        "%s|%s|%s|%s|%s|%s|%s|%s"
            .formatted(
                data.digest(),
                rounds,
                training,
                presentation().toString().replace(", boxes=NONE]", "]"), // as before there were any
                settings.selection(),
                settings.combining().rule(),
                start,
                run.config().master().kind()));
  }
}
