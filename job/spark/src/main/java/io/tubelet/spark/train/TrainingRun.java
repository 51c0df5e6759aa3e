package io.tubelet.spark.train;

import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.train.AveragingRule;
import io.tubelet.train.RoundMetrics;
import io.tubelet.train.StateShape;
import io.tubelet.train.Training;
import java.io.IOException;
import java.util.List;
import java.util.function.IntFunction;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * One training from its first or last checkpoint to its end: round after round, with events and
 * checkpoints. Killed at any moment, the same call resumes from the last checkpoint to the same
 * weights.
 *
 * @param name of the training, and of its folder in the run
 * @param training network, update rule and rates
 * @param rounds the list of rounds
 * @param settings digest of all that decides the weights
 * @param labels class names, for the checkpoint's {@code config.json}
 * @param keeping how often a checkpoint is written and how many stay
 * @param trouble when to go back to a checkpoint, and when to stop
 * @param quarantine videos that give nothing, before the first round
 */
public record TrainingRun(
    String name,
    Training training,
    Rounds rounds,
    String settings,
    List<String> labels,
    Keeping keeping,
    NonFiniteGuard.Policy trouble,
    Quarantine quarantine) {

  /**
   * How much is kept.
   *
   * @param everyRounds rounds between two checkpoints
   * @param checkpoints how many stay
   * @param graceSeconds how long the running round may take to end when the process is asked to
   *     stop
   * @param mlflow where the rounds are written to besides, with each checkpoint
   * @param validation what is asked of some checkpoints
   */
  public record Keeping(
      int everyRounds,
      int checkpoints,
      long graceSeconds,
      Mlflow.Target mlflow,
      Validation validation) {}

  /**
   * The evaluation of a training while it goes on.
   *
   * @param everyEpochs epochs between two; 0: none
   */
  public record Validation(int everyEpochs, Judge judge) {
    /** No evaluation. */
    public static final Validation NONE = new Validation(0, (checkpoint, best) -> Double.NaN);

    /** Evaluates a checkpoint, and keeps it where it is as good as the best one before. */
    @FunctionalInterface
    public interface Judge {
      /**
       * Returns the share of the validation split that is classified correctly.
       *
       * @param best the highest share before; below 0 if there was none
       */
      double judge(Path checkpoint, double best) throws IOException;
    }

    /** Whether the checkpoint after this number of rounds is evaluated. */
    boolean isDue(Rounds all, long rounds) {
      return everyEpochs > 0
          && rounds > 0
          && (rounds % ((long) everyEpochs * all.perEpoch()) == 0 || rounds == all.count());
    }
  }

  /** How a call of {@link #train} ended. */
  public enum End {
    /** The training is complete. */
    FINISHED,
    /** The process was asked to stop; a checkpoint holds the last round. */
    STOPPED
  }

  /** Whether the training is complete, its last checkpoint whole, and evaluated if that is due. */
  public boolean finished(RunFolder folder, AveragingRule rule) {
    StateShape shape = shape(rule);
    return folder
        .checkpoints(name)
        .newest(shape.layout(), shape.parts(), this::isOurs)
        .filter(path -> Checkpoints.progress(folder.hadoop(), path).finished())
        .filter(path -> isValidated(EventLog.read(folder.hadoop(), folder.events(name))))
        .isPresent();
  }

  /** Whether the last of these rounds has been evaluated, if it should be. */
  boolean isValidated(List<RoundMetrics> taken) {
    return !keeping.validation.isDue(rounds, taken.size())
        || taken.get(taken.size() - 1).validation() != null;
  }

  StateShape shape(AveragingRule rule) {
    return new StateShape(training, rule, rounds.plan().replicas());
  }

  /**
   * @throws StateException if a checkpoint was written with other settings
   */
  boolean isOurs(Progress progress) {
    if (!progress.settings().equals(settings)) {
      throw new StateException(
          "%s was trained with other settings or another store, see the run's config.conf; choose another run.dir or delete it"
              .formatted(name));
    }
    return true;
  }

  /**
   * Trains to the end, or until the process is asked to stop.
   *
   * @param first tensors of the weights, by index, of a training that has no checkpoint yet
   * @param lease asked before each write whether this process still writes the run
   * @throws io.tubelet.spark.files.Failure.DivergedException if numbers stay bad at lower rates too
   */
  public End train(
      JavaSparkContext spark,
      RunFolder folder,
      Master master,
      MinibatchSource source,
      IntFunction<float[]> first,
      RunLease lease)
      throws IOException {
    return new TrainingLoop(this, folder, master, source, first, lease).run(spark);
  }
}
