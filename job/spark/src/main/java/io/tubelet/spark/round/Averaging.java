package io.tubelet.spark.round;

import org.deeplearning4j.spark.api.TrainingMaster;

/** Who turns the replicas of a round into one again, and what was measured meanwhile. */
sealed interface Averaging permits Dl4jAveraging, RoundsAveraging {

  /** The master, as dl4j-spark runs it. */
  TrainingMaster<?, ?> master();

  /** Readies what measures the next round. */
  MinibatchLoader loader(Round round, MinibatchSource source);

  /**
   * What the last round reports.
   *
   * @param clips clips it used
   * @param totalSeconds its wall time
   */
  RoundResult result(long clips, double totalSeconds);
}
