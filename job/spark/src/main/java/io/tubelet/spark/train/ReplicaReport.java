package io.tubelet.spark.train;

import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine.StepResult;
import io.tubelet.spark.cluster.ClusterPlugin;
import io.tubelet.spark.data.Quarantined;
import io.tubelet.spark.train.RoundResult.Skipped;
import java.io.Serializable;
import java.util.List;

/** What one replica says of its part of a round: sums over its steps, and then the rest. */
final class ReplicaReport implements Serializable {
  long samples; // clips that were read
  int steps; // that it took
  long taken; // clips of those steps: the replica's weight in a mean
  double loss; // sum of the steps' losses
  double norm; // sum of their gradients' norms
  Skipped skipped = Skipped.NONE;
  List<Quarantined> refused = List.of(); // clips that gave nothing to train on
  double waitSeconds;
  double computeSeconds; // in steps

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

  /** The round is over; the process' metrics are told too. */
  ReplicaReport end(ReadAhead read, double seconds) {
    waitSeconds = read.takeWaitSeconds();
    refused = read.takeRefused();
    computeSeconds = seconds;
    ClusterPlugin.trained(taken, waitSeconds, computeSeconds);
    return this;
  }
}
