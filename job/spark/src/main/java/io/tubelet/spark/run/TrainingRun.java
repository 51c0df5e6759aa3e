package io.tubelet.spark.run;

import io.tubelet.spark.failure.StateException;
import io.tubelet.spark.round.Round;
import io.tubelet.spark.round.RoundResult;
import io.tubelet.spark.round.Rounds;
import io.tubelet.spark.round.Trainer;
import io.tubelet.training.TrainState;
import io.tubelet.training.Training;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * One training from its first or last checkpoint to its end: round after round, with events and
 * checkpoints. Killed at any moment, the same call goes on from the last checkpoint to the same
 * weights.
 *
 * @param name of the training, and of its folder in the run
 * @param training network, update rule and rates
 * @param rounds the list of rounds
 * @param settings digest of all that decides the weights
 * @param labels class names, for the checkpoint's {@code config.json}
 * @param keeping how often a checkpoint is written and how many stay
 */
public record TrainingRun(
    String name,
    Training training,
    Rounds rounds,
    String settings,
    List<String> labels,
    Keeping keeping) {

  /**
   * How much is kept.
   *
   * @param everyRounds rounds between two checkpoints
   * @param checkpoints how many stay
   */
  public record Keeping(int everyRounds, int checkpoints) {}

  /** Whether the training is complete. */
  public boolean finished(RunFolder folder) {
    return resume(folder).map(loaded -> loaded.progress().finished()).orElse(false);
  }

  private Optional<Checkpoints.Loaded> resume(RunFolder folder) {
    Optional<Checkpoints.Loaded> latest = folder.checkpoints(name).latest(training.model());
    latest.ifPresent(this::requireSameSettings);
    return latest;
  }

  private void requireSameSettings(Checkpoints.Loaded loaded) {
    if (!loaded.progress().settings().equals(settings)) {
      throw new StateException(
          "%s was trained with other settings or another store; choose another run.dir or delete it"
              .formatted(loaded.path()));
    }
  }

  /**
   * Trains to the end.
   *
   * @param first state of a training that has no checkpoint yet
   */
  public void train(
      JavaSparkContext spark, RunFolder folder, Trainer trainer, Supplier<TrainState> first)
      throws IOException {
    Optional<Checkpoints.Loaded> latest = resume(folder);
    long next = latest.map(loaded -> loaded.progress().round()).orElse(0L);
    trainer.load(latest.map(Checkpoints.Loaded::state).orElseGet(first));
    EventLog log = EventLog.open(folder.hadoop(), folder.events(name), next);
    ProgressLine progress = new ProgressLine(name, rounds.epochs(), rounds.count(), next);
    for (long index = next; index < rounds.count(); index++) {
      Round round = rounds.at(index);
      spark.setJobDescription(
          "%s: epoch %d, round %d/%d"
              .formatted(name, round.epoch() + 1, index + 1, rounds.count()));
      Event event = event(round, trainer.fit(round));
      log.add(event);
      progress.show(event);
      if ((index + 1) % keeping.everyRounds == 0 || index + 1 == rounds.count()) {
        log.flush();
        folder
            .checkpoints(name)
            .save(trainer.state(), progress(round), labels, keeping.checkpoints);
      }
    }
  }

  private Event event(Round round, RoundResult result) {
    long last = round.globalStep() + round.steps();
    return new Event(
        round.index(),
        round.epoch(),
        last,
        result.loss(),
        training.learningRate().at(last - 1),
        result.gradientNorm(),
        result.clipsPerSecond(),
        result.seconds());
  }

  private Progress progress(Round round) {
    boolean finished = round.index() + 1 == rounds.count();
    return new Progress(settings, round.index() + 1, round.globalStep() + round.steps(), finished);
  }
}
