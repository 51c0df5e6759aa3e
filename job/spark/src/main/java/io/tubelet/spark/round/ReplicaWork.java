package io.tubelet.spark.round;

import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.engine.StepResult;
import io.tubelet.spark.cluster.Throughput;
import io.tubelet.spark.round.SharedState.Part;
import java.io.Serializable;
import java.util.Iterator;
import scala.Tuple2;

/**
 * One replica's part of a round: load the common state, take the steps, hand the state out in
 * chunks. A pure function of its fields and the replica's number, so a retried or speculative task
 * changes nothing.
 *
 * @param round which steps
 * @param source where the minibatches come from
 * @param order which engine
 * @param start the common state
 */
record ReplicaWork(Round round, MinibatchSource source, EnginePool.Order order, SharedState start)
    implements Serializable {

  /** The chunks of the replica's state after its steps; the first carries its report. */
  Iterator<Tuple2<Integer, Part>> run(int replica) {
    return EnginePool.with(
        order,
        engine -> {
          try (ReadAhead minibatches = source.read(round, replica)) {
            engine.load(start.join(round.globalStep()));
            ReplicaReport report = steps(engine, minibatches, replica);
            Throughput.add(report.clips(), report.waitSeconds(), report.computeSeconds());
            return start.parts(engine.state(), report);
          }
        });
  }

  private static ReplicaReport steps(Engine engine, ReadAhead minibatches, int replica) {
    int steps = 0;
    long clips = 0;
    double loss = 0;
    double norm = 0;
    long nanos = 0;
    while (minibatches.hasNext()) {
      CubeBatch batch = minibatches.next();
      long start = System.nanoTime();
      StepResult result = engine.step(batch);
      nanos += System.nanoTime() - start;
      steps++;
      clips += batch.size();
      loss += result.loss();
      norm += result.gradientNorm();
    }
    return new ReplicaReport(
        replica, steps, clips, loss, norm, minibatches.waitSeconds(), nanos / 1e9);
  }
}
