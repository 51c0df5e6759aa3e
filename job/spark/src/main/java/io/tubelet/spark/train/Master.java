package io.tubelet.spark.train;

import io.tubelet.train.AveragingRule;
import io.tubelet.train.StateShape;
import io.tubelet.train.Training;
import java.io.Serializable;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Who takes the steps of a training's rounds, and makes the replicas one network again: this
 * project's {@link RoundsMaster}, or DL4J's own by way of {@link Dl4jMaster}.
 */
public sealed interface Master extends AutoCloseable permits RoundsMaster, Dl4jMaster {
  /**
   * Trains round after round until they end or the listener says so.
   *
   * @throws LostStageException if it broke for a reason that may not come again
   */
  void train(JavaSparkContext spark, Stretch stretch, Listener listener);

  @Override
  default void close() {}

  /**
   * Some rounds of a training: a function of this alone, wherever and however often it is computed.
   *
   * @param checkpoint the state before them
   * @param first number of the first of them
   * @param rule how replicas become one
   */
  record Stretch(
      Path checkpoint,
      long first,
      Rounds rounds,
      Training training,
      AveragingRule rule,
      MinibatchSource source,
      SerializableConfiguration hadoop)
      implements Serializable {
    CheckpointFolder folder() {
      return folder(checkpoint);
    }

    CheckpointFolder folder(Path path) {
      return new CheckpointFolder(hadoop.value(), path);
    }

    StateShape shape() {
      return new StateShape(training, rule, rounds.plan().replicas());
    }

    long step() {
      return rounds.at(first).globalStep();
    }
  }

  /** Who looks after the training, on the driver. */
  interface Listener {
    /** Takes note of a round and says how it goes on. */
    Decision after(RoundResult result);

    /**
     * Commits the checkpoint that was asked for last.
     *
     * @param digests SHA-256 of its files of tensors
     */
    void written(Map<String, String> digests);
  }

  /**
   * How it goes on after a round.
   *
   * @param checkpoint where the state is to be written; null: nowhere
   * @param stop whether this round was the last one
   */
  record Decision(Path checkpoint, boolean stop) implements Serializable {}

  /** A stretch broke: a task, an executor, a connection was lost. Trained again, it may not. */
  final class LostStageException extends RuntimeException {
    LostStageException(Throwable cause) {
      super(cause.getMessage(), cause);
    }
  }
}
