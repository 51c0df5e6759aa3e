package io.tubelet.spark.train;

import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.train.AveragingRule;
import io.tubelet.train.RoundMetrics;
import io.tubelet.train.StateShape;
import io.tubelet.train.Training;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.fs.Path;

/**
 * One training, as {@link TrainingLoop} takes it from its first or last checkpoint to its end.
 *
 * @param name of the training, and of its folder in the run
 * @param rule how replicas become one
 * @param settings digest of all that decides the weights
 * @param labels class names, for the checkpoint's {@code config.json}
 * @param mlflow where the rounds are written to besides, with each checkpoint
 * @param validation what is asked of some checkpoints
 * @param quarantine videos that give nothing, before the first round
 */
public record TrainingRun(
    String name,
    Training training,
    AveragingRule rule,
    Rounds rounds,
    String settings,
    List<String> labels,
    Keeping keeping,
    Mlflow.Target mlflow,
    Validation validation,
    Quarantine quarantine) {

  /**
   * A checkpoint every so many rounds, of which the last ones stay.
   *
   * @param graceSeconds how long the running round may take to end when the process is asked to
   *     stop
   */
  public record Keeping(int everyRounds, int keep, int graceSeconds) implements Serializable {}

  /** The evaluation of a training every so many epochs while it goes on; 0: none. */
  public record Validation(int everyEpochs, Judge judge) {
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

  /** Whether the training is complete, its last checkpoint whole, and evaluated if that is due. */
  public boolean finished(RunFolder folder) {
    StateShape shape = shape();
    return folder
        .checkpoints(name)
        .newest(shape.layout(), shape.parts(), this::isOurs)
        .filter(checkpoint -> checkpoint.state().progress().finished())
        .filter(checkpoint -> isValidated(EventLog.read(folder.hadoop(), folder.events(name))))
        .isPresent();
  }

  /** Whether the last of these rounds has been evaluated, if it should be. */
  boolean isValidated(List<RoundMetrics> taken) {
    return !validation.isDue(rounds, taken.size())
        || taken.get(taken.size() - 1).validation() != null;
  }

  StateShape shape() {
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
}
