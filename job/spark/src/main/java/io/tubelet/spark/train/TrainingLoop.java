package io.tubelet.spark.train;

import io.tubelet.model.ParameterLayout;
import io.tubelet.spark.files.Failure.DivergedException;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.files.StopRequest;
import io.tubelet.spark.train.TrainingRun.End;
import io.tubelet.train.RoundMetrics;
import io.tubelet.train.StateView;
import io.tubelet.train.TrainState;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The rounds of one process: from a checkpoint on, with events and checkpoints, back to a
 * checkpoint where numbers go bad.
 *
 * <p>What is done next follows from the checkpoint and the plan alone. So checkpoints that are
 * written out of turn, when the process is asked to stop, are resumed from but never rolled back
 * to: a run that was stopped goes back to where one that was not stopped would.
 */
final class TrainingLoop {
  private final TrainingRun run;
  private final RunFolder folder;
  private final Checkpoints checkpoints;
  private final Trainer trainer;
  private final Supplier<TrainState> first;
  private final RunLease lease;
  private final Optional<Mlflow> mlflow;
  private EventLog log;
  private long next;
  private NonFiniteGuard trouble = NonFiniteGuard.NONE;
  private Quarantine quarantine;

  TrainingLoop(
      TrainingRun run,
      RunFolder folder,
      Trainer trainer,
      Supplier<TrainState> first,
      RunLease lease) {
    this.run = run;
    this.folder = folder;
    this.checkpoints = folder.checkpoints(run.name());
    this.trainer = trainer;
    this.first = first;
    this.lease = lease;
    this.quarantine = run.quarantine();
    MlflowTarget target = run.keeping().mlflow();
    this.mlflow =
        target.uri().isEmpty()
            ? Optional.empty()
            : Optional.of(new Mlflow(target, folder.file(run.name())));
  }

  End run(JavaSparkContext spark) throws IOException {
    StopRequest.heed(run.keeping().graceSeconds());
    try {
      restore(newest(false));
      quarantine =
          quarantine.and(
              Quarantine.read(folder, run.name()).map(Quarantine::sources).orElse(List.of()));
      log = EventLog.open(folder.hadoop(), folder.events(run.name()), next);
      ProgressLine progress =
          new ProgressLine(run.name(), run.rounds().epochs(), run.rounds().count(), next);
      while (next < run.rounds().count()) {
        Round round = run.rounds().at(next);
        describe(spark, round);
        RoundResult result = trainer.fit(round);
        quarantine = quarantine.and(result.refused());
        quarantine.requireBudget(folder, run.name());
        trouble = trouble.after(result.skipped().steps());
        if (trouble.streak() > run.trouble().mostSteps()) {
          goBack(round, result.skipped());
        } else {
          next++;
          progress.show(note(round, result));
          if (keep()) {
            return End.STOPPED;
          }
        }
      }
      return End.FINISHED;
    } finally {
      mlflow.ifPresent(Mlflow::close);
      StopRequest.heed(0);
    }
  }

  private void describe(JavaSparkContext spark, Round round) {
    spark.setJobDescription(
        "%s: epoch %d, round %d/%d"
            .formatted(run.name(), round.epoch() + 1, next + 1, run.rounds().count()));
  }

  private Optional<Checkpoints.Found<StateView>> newest(boolean inTurn) {
    return checkpoints.newest(
        new Checkpoints.Wanted<>(
            ParameterLayout.of(run.training().model()),
            trainer.parts(),
            progress -> run.isOurs(progress) && !(inTurn && progress.extra()),
            trainer::builder));
  }

  private void restore(Optional<Checkpoints.Found<StateView>> found) {
    next = found.map(checkpoint -> checkpoint.progress().round()).orElse(0L);
    if (trouble.rollbacks() == 0) {
      trouble =
          found.map(checkpoint -> checkpoint.progress().trouble()).orElse(NonFiniteGuard.NONE);
    }
    if (trouble.rollbacks() > 0) {
      trainer.slow(trouble.rateFactor(run.trouble()));
    }
    trainer.load(found.<StateView>map(Checkpoints.Found::state).orElseGet(first));
  }

  /** Back to the last checkpoint in turn, or to the start, at lower rates. */
  private void goBack(Round round, Skipped skipped) {
    Optional<Checkpoints.Found<StateView>> found = newest(true);
    String where = found.map(checkpoint -> checkpoint.path().toString()).orElse("the start");
    String what =
        "%s: %d steps in a row up to step %d had a non-finite loss or gradient; clips of the last: %s"
            .formatted(
                run.name(),
                trouble.streak(),
                round.globalStep() + round.steps(),
                skipped.clips().isEmpty() ? "unknown" : String.join(", ", skipped.clips()));
    if (trouble.rollbacks() == run.trouble().rollbacks()) {
      throw new DivergedException(
          "%s. Rolled back %d times to lower rates already; the last good state is %s"
              .formatted(what, trouble.rollbacks(), where));
    }
    trouble = trouble.rolledBack();
    System.err.printf(
        "tubelet: %s. Rolling back to %s, at %.3g times the rates%n",
        what, where, trouble.rateFactor(run.trouble()));
    restore(found);
    log.dropFrom(next);
  }

  private RoundMetrics note(Round round, RoundResult result) {
    long last = round.globalStep() + round.steps();
    RoundMetrics event =
        new RoundMetrics(
            round.index(),
            round.epoch(),
            last,
            result.loss(),
            run.training().learningRate().at(last - 1) * trouble.rateFactor(run.trouble()),
            result.gradientNorm(),
            result.skipped().steps(),
            trouble.rollbacks(),
            result.refused().size(),
            result.clipsPerSecond(),
            result.seconds());
    log.add(event);
    return event;
  }

  /** Writes a checkpoint if it is time; says whether to stop then. */
  private boolean keep() {
    boolean finished = next == run.rounds().count();
    boolean due = next % run.keeping().everyRounds() == 0 || finished;
    boolean stop = StopRequest.asked() && !finished;
    if (due || stop) {
      lease.requireHeld();
      Round last = run.rounds().at(next - 1);
      long step = last.globalStep() + last.steps();
      save(new Progress(run.settings(), next, step, finished, trouble, !due));
    }
    return stop;
  }

  private void save(Progress progress) {
    try {
      log.flush();
      quarantine.write(folder, run.name());
      checkpoints.save(trainer.view(), progress, run.labels(), run.keeping().checkpoints());
      mlflow.ifPresent(server -> server.write(log.events(), progress.finished()));
    } catch (IOException e) {
      throw new StateException(
          "cannot keep the state after round %d: %s; the last whole checkpoint is %s"
              .formatted(
                  progress.round(),
                  e.getMessage(),
                  checkpoints.newest().map(Object::toString).orElse("none")),
          e);
    }
  }
}
