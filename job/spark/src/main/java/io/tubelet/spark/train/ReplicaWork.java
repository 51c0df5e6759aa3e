package io.tubelet.spark.train;

import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.engine.Engine.StepResult;
import io.tubelet.spark.cluster.Throughput;
import io.tubelet.spark.data.Quarantined;
import io.tubelet.spark.train.EnginePool.Held;
import io.tubelet.spark.train.EnginePool.Lent;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiFunction;
import org.apache.spark.SparkEnv;
import org.apache.spark.storage.BlockManagerId;
import scala.Tuple2;

/**
 * One replica's part of some rounds: load the common state, take the steps, say what was done. A
 * pure function of its fields and the replica's number, so a retried or speculative task changes
 * nothing.
 *
 * <p>It is more than one round where a replica is alone: nothing has to be averaged, so the state
 * stays in the engine. An engine of this JVM that has come along some of the rounds goes on from
 * there; any other takes them all, from the same start to the same bits.
 *
 * @param run whose state it is
 * @param rounds which rounds, one after the other
 * @param source where the minibatches come from
 * @param order which engine
 * @param start the state before them
 */
record ReplicaWork(
    String run,
    List<Round> rounds,
    MinibatchSource source,
    EnginePool.Order order,
    SharedState start)
    implements Serializable {

  /** Takes the steps and leaves the state in the engine. */
  ReplicaReport stay(int replica) {
    return train(replica, (engine, report) -> report);
  }

  /** As below, for the replica whose minibatches these are; nothing if there are none. */
  Iterator<Tuple2<Piece.Key, Piece>> bring(Iterator<String> names) {
    return names.hasNext()
        ? bring(Minibatch.parse(names.next()).replica())
        : List.<Tuple2<Piece.Key, Piece>>of().iterator();
  }

  /** Takes the steps and hands the state out; its first piece carries the report. */
  Iterator<Tuple2<Piece.Key, Piece>> bring(int replica) {
    return train(replica, (engine, report) -> Piece.of(start.shape(), engine.state(), report));
  }

  private <T> T train(int replica, BiFunction<Engine, ReplicaReport, T> then) {
    return EnginePool.with(
        order,
        this::taken,
        lent -> {
          int taken = taken(lent.held());
          if (taken < 0) {
            lent.hold(Held.UNKNOWN);
            lent.engine().load(start.startOf(replica));
            taken = 0;
          }
          ReplicaReport report = new StepSums().report(replica, 0, List.of());
          for (Round round : rounds.subList(taken, rounds.size())) {
            report = take(lent, round, replica);
          }
          lent.hold(start.shape().alone() ? after(rounds.size()) : Held.UNKNOWN);
          return then.apply(lent.engine(), report);
        });
  }

  private Held after(int taken) {
    Round last = taken == 0 ? null : rounds.get(taken - 1);
    return new Held(run, last == null ? start.step() : last.globalStep() + last.steps());
  }

  /** How many of the rounds an engine has behind it; -1 if it is none of this run's. */
  private int taken(Held held) {
    for (int taken = rounds.size(); taken >= 0; taken--) {
      if (after(taken).equals(held)) {
        return taken;
      }
    }
    return -1;
  }

  private ReplicaReport take(Lent lent, Round round, int replica) {
    lent.hold(Held.UNKNOWN);
    StepSums sums = new StepSums();
    try (ReadAhead minibatches = source.read(round, replica)) {
      while (minibatches.hasNext()) {
        sums.step(lent.engine(), minibatches.next());
      }
      ReplicaReport report = sums.report(replica, minibatches.waitSeconds(), minibatches.refused());
      Throughput.add(report.taken().clips(), report.waitSeconds(), report.computeSeconds());
      catchUp(lent.engine(), report, round);
      return report;
    }
  }

  /**
   * A minibatch without a readable clip is no step. Where the state stays in the engine its count
   * of steps, and with it the rates, must be the plan's all the same: after a resume it is.
   */
  private void catchUp(Engine engine, ReplicaReport report, Round round) {
    int steps = report.taken().steps() + report.skipped().steps();
    if (start.shape().alone() && steps < round.steps()) {
      engine.load(engine.state().at(round.globalStep() + round.steps()));
    }
  }

  /** Sums over the steps of a round. */
  private static final class StepSums {
    private int steps;
    private long clips;
    private double loss;
    private double norm;
    private Skipped skipped = Skipped.NONE;
    private long nanos;

    void step(Engine engine, CubeBatch batch) {
      long start = System.nanoTime();
      StepResult result = engine.step(batch);
      nanos += System.nanoTime() - start;
      if (result.finite()) {
        steps++;
        clips += batch.size();
        loss += result.loss();
        norm += result.gradientNorm();
      } else {
        skipped = skipped.and(new Skipped(1, batch.clips()));
      }
    }

    ReplicaReport report(int replica, double waitSeconds, List<Quarantined> refused) {
      BlockManagerId here = SparkEnv.get().blockManager().blockManagerId();
      return new ReplicaReport(
          replica,
          "executor_%s_%s".formatted(here.host(), here.executorId()),
          new ReplicaReport.Taken(steps, clips, loss, norm),
          skipped,
          refused,
          waitSeconds,
          nanos / 1e9);
    }
  }
}
