package io.tubelet.spark.train;

import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine.StepResult;
import io.tubelet.spark.cluster.ClusterPlugin;
import io.tubelet.spark.data.Quarantined;
import io.tubelet.spark.train.RoundResult.Skipped;
import java.io.Serializable;
import java.util.List;

/**
 * What one replica says of its part of a round.
 *
 * @param samples clips that were read
 * @param steps steps it took
 * @param taken clips of those steps: the replica's weight in a mean
 * @param loss sum of the steps' losses
 * @param norm sum of their gradients' norms
 * @param refused clips that gave nothing to train on
 * @param computeSeconds time it spent in steps
 */
record ReplicaReport(
    long samples,
    int steps,
    long taken,
    double loss,
    double norm,
    Skipped skipped,
    List<Quarantined> refused,
    double waitSeconds,
    double computeSeconds)
    implements Serializable {

  static final class Sums {
    private long samples;
    private int steps;
    private long taken;
    private double loss;
    private double norm;
    private Skipped skipped = Skipped.NONE;

    void add(CubeBatch batch, StepResult result) {
      samples += batch.size();
      if (result.finite()) {
        steps++;
        taken += batch.size();
        loss += result.loss();
        norm += result.gradientNorm();
      } else {
        skipped = skipped.and(new Skipped(1, batch.clips()));
      }
    }

    /** Of a round that is over; the process' metrics are told too. */
    ReplicaReport report(ReadAhead read, double computeSeconds) {
      double waitSeconds = read.takeWaitSeconds();
      ClusterPlugin.trained(taken, waitSeconds, computeSeconds);
      return new ReplicaReport(
          samples,
          steps,
          taken,
          loss,
          norm,
          skipped,
          read.takeRefused(),
          waitSeconds,
          computeSeconds);
    }
  }
}
