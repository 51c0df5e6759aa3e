package io.tubelet.spark.train;

import io.tubelet.model.ParameterLayout;
import io.tubelet.spark.cluster.ClusterPlugin;
import io.tubelet.spark.cluster.ProgressLine;
import io.tubelet.spark.files.Failure.DivergedException;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.files.StopRequest;
import io.tubelet.spark.train.Master.Decision;
import io.tubelet.spark.train.Master.LostStageException;
import io.tubelet.spark.train.Master.Stretch;
import io.tubelet.spark.train.Progress.NonFinite;
import io.tubelet.spark.train.RoundResult.Skipped;
import io.tubelet.spark.train.Rounds.Round;
import io.tubelet.train.RoundMetrics;
import io.tubelet.train.StatePart;
import io.tubelet.train.StateShape;
import io.tubelet.train.Training;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The rounds of one process: from a checkpoint on, with events and checkpoints; back to a
 * checkpoint where numbers go bad or a stage is lost. Killed at any moment, the same call in
 * another process resumes from the last checkpoint to the same weights.
 *
 * <p>What is done next follows from the checkpoint and the plan alone. So checkpoints that are
 * written out of turn, when the process is asked to stop, are resumed from but never rolled back
 * to: a run that was stopped goes back to where one that was not stopped would.
 */
public final class TrainingLoop implements Master.Listener {
  /** Most stages in a row that may be lost without a checkpoint in between. */
  private static final int MOST_LOST = 4;

  private final TrainingRun run;
  private final RunFolder folder;
  private final Checkpoints checkpoints;
  private final Master master;
  private final MinibatchSource source;
  private final IntFunction<float[]> first;
  private final RunLease lease;
  private final Optional<Mlflow> mlflow;
  private ProgressLine progress;
  private List<RoundMetrics> events;
  private Quarantine quarantine;
  private NonFinite trouble = NonFinite.NONE;
  private long next;
  private Progress pending;
  private int lost;
  private End end;

  /** The training is complete, or was asked to stop and a checkpoint holds its last round. */
  public enum End {
    FINISHED,
    STOPPED
  }

  /**
   * @param first tensors of the weights, by index, of a training that has no checkpoint yet
   * @param lease asked before each write whether this process still writes the run
   */
  public TrainingLoop(
      TrainingRun run,
      RunFolder folder,
      Master master,
      MinibatchSource source,
      IntFunction<float[]> first,
      RunLease lease) {
    this.run = run;
    this.folder = folder;
    this.checkpoints = folder.checkpoints(run.name());
    this.master = master;
    this.source = source;
    this.first = first;
    this.lease = lease;
    this.mlflow = Mlflow.to(run.mlflow(), folder.file(run.name()));
  }

  /**
   * Trains to the end, or until the process is asked to stop.
   *
   * @throws DivergedException if numbers stay bad at lower rates too
   */
  public End run(JavaSparkContext spark) throws IOException {
    StopRequest.heed(run.keeping().graceSeconds());
    try {
      while (end == null) {
        Path checkpoint = restore();
        if (next == run.rounds().count()) {
          return End.FINISHED;
        }
        spark.setJobDescription(
            "%s: rounds %d to %d".formatted(run.name(), next + 1, run.rounds().count()));
        Stretch stretch =
            new Stretch(
                checkpoint,
                next,
                run.rounds(),
                slowed(),
                run.rule(),
                source,
                new SerializableConfiguration(folder.hadoop()));
        try {
          master.train(spark, stretch, this);
        } catch (LostStageException e) {
          if (StopRequest.asked() || ++lost == MOST_LOST) { // asked, and the round took too long
            throw e;
          }
          System.err.printf(
              "tubelet: %s: a training stage was lost and runs again: %s%n",
              run.name(), e.getMessage().lines().limit(2).collect(Collectors.joining(" ")));
        }
      }
      return end;
    } finally {
      mlflow.ifPresent(Mlflow::close);
      StopRequest.heed(0);
    }
  }

  /** The training at the rates that the rollbacks so far have left. */
  private Training slowed() {
    Training training = run.training();
    return new Training(
        training.model(),
        training.optimizer(),
        training.learningRate().times(trouble.rateFactor()),
        training.dropping());
  }

  /** Goes to the newest checkpoint that counts, or to the start; returns its folder. */
  private Path restore() throws IOException {
    StateShape shape = run.shape();
    Optional<CheckpointFolder> found =
        checkpoints.newest(shape.layout(), shape.parts(), this::counts);
    Progress from =
        found
            .map(checkpoint -> checkpoint.state().progress())
            .orElseGet(() -> new Progress(run.settings(), 0, 0, false));
    next = from.round();
    int rollbacks = trouble.rollbacks();
    trouble = from.trouble().rollbacks() < rollbacks ? new NonFinite(0, rollbacks) : from.trouble();
    quarantine =
        run.quarantine()
            .and(Quarantine.read(folder, run.name()).map(Quarantine::sources).orElse(List.of()));
    events = new ArrayList<>(EventLog.read(folder.hadoop(), folder.events(run.name())));
    events.removeIf(event -> event.round() >= next);
    progress = new ProgressLine(next, run.rounds().count());
    if (!run.isValidated(events)) {
      validate(found.orElseThrow().folder());
    }
    return (found.isPresent() ? found.get() : begin(shape, from)).folder();
  }

  /** Stages end at a checkpoint that is evaluated, since that needs their slots. */
  private void validate(Path checkpoint) throws IOException {
    double share = run.validation().judge().judge(checkpoint, EventLog.best(events));
    int last = events.size() - 1;
    events.set(last, events.get(last).validated(share));
    lease.requireHeld();
    EventLog.write(folder.hadoop(), folder.events(run.name()), events);
    mlflow.ifPresent(server -> server.write(events, next == run.rounds().count()));
  }

  /** One that was written out of turn, before the last rollback, is of another past. */
  private boolean counts(Progress of) {
    return run.isOurs(of) && !(of.extra() && of.trouble().rollbacks() < trouble.rollbacks());
  }

  private CheckpointFolder start() {
    return new CheckpointFolder(folder.hadoop(), folder.file(run.name() + "/start"));
  }

  /** Writes the state before the first step, which is none of the run's checkpoints. */
  private CheckpointFolder begin(StateShape shape, Progress nothing) throws IOException {
    ParameterLayout layout = shape.layout();
    IntFunction<float[]> zeros = index -> new float[layout.parameters().get(index).size()];
    Map<StatePart, IntFunction<float[]>> state = new LinkedHashMap<>();
    shape.parts().forEach(part -> state.put(part, part.equals(StatePart.WEIGHTS) ? first : zeros));
    start().write(layout, state, nothing, run.labels());
    return start();
  }

  @Override
  public Decision after(RoundResult result) {
    Round round = run.rounds().at(next);
    quarantine = quarantine.and(result.refused());
    quarantine.requireBudget(folder, run.name());
    trouble = trouble.after(result.skipped().steps());
    if (trouble.mustGoBack()) {
      goBack(round, result.skipped());
      return new Decision(null, true);
    }
    next++;
    RoundMetrics noted = note(round, result);
    progress.show(next, () -> run.name() + noted.line(run.rounds().epochs(), run.rounds().count()));
    boolean finished = next == run.rounds().count();
    boolean validated = run.validation().isDue(run.rounds(), next);
    boolean due = next % run.keeping().everyRounds() == 0 || finished || validated;
    boolean stop = StopRequest.asked() && !finished;
    if (!due && !stop) {
      return new Decision(null, false);
    }
    lease.requireHeld();
    long step = round.endStep();
    pending = new Progress(run.settings(), next, step, finished, trouble, !due);
    CheckpointFolder checkpoint = checkpoints.at(step);
    try {
      checkpoint.begin();
    } catch (IOException e) {
      throw notKept(e);
    }
    return new Decision(checkpoint.folder(), finished || stop || validated);
  }

  /** Back to the last checkpoint in turn, or to the start, at lower rates. */
  private void goBack(Round round, Skipped skipped) {
    String what =
        "%s: %d steps in a row up to step %d had a non-finite loss or gradient; clips of the last: %s"
            .formatted(
                run.name(),
                trouble.streak(),
                round.endStep(),
                skipped.clips().isEmpty() ? "unknown" : String.join(", ", skipped.clips()));
    if (!trouble.canGoBack()) {
      throw new DivergedException(
          "%s. Rolled back %d times to lower rates already; the last good state is %s"
              .formatted(what, trouble.rollbacks(), lastGood("the start")));
    }
    trouble = trouble.rolledBack();
    System.err.printf(
        "tubelet: %s. Rolling back to %s, at %.3g times the rates%n",
        what, lastGood("the start"), trouble.rateFactor());
  }

  private String lastGood(String none) {
    return checkpoints.newest().map(Object::toString).orElse(none);
  }

  private RoundMetrics note(Round round, RoundResult result) {
    long last = round.endStep();
    RoundMetrics event =
        new RoundMetrics(
            round.index(),
            round.epoch(),
            last,
            result.loss(),
            run.training().learningRate().at(last - 1) * trouble.rateFactor(),
            result.gradientNorm(),
            result.skipped().steps(),
            trouble.rollbacks(),
            result.refused().size(),
            result.clips() / result.seconds().total(),
            result.seconds(),
            null);
    events.add(event);
    ClusterPlugin.trained(event);
    return event;
  }

  @Override
  public void written(Map<String, String> digests) {
    try {
      EventLog.write(folder.hadoop(), folder.events(run.name()), events);
      quarantine.write(folder, run.name());
      var state = new CheckpointFolder.State(pending, digests);
      checkpoints.at(pending.step()).commit(state, run.training().model(), run.labels());
      checkpoints.retain(run.keeping().keep());
      if (!pending.extra()) {
        start().delete();
      }
      mlflow.ifPresent(server -> server.write(events, pending.finished()));
    } catch (IOException e) {
      throw notKept(e);
    }
    lost = 0;
    if (pending.finished() && run.isValidated(events)) {
      end = End.FINISHED;
    } else if (StopRequest.asked()) {
      end = End.STOPPED;
    }
  }

  private StateException notKept(IOException e) {
    return new StateException(
        "cannot keep the state after round %d: %s; the last whole checkpoint is %s"
            .formatted(next, e.getMessage(), lastGood("none")),
        e);
  }
}
