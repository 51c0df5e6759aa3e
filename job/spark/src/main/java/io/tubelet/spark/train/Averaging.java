package io.tubelet.spark.train;

import io.tubelet.train.StateView;
import io.tubelet.train.StateView.StateBuilder;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;

/** Who turns the replicas of a round into one again, and what was measured meanwhile. */
sealed interface Averaging extends AutoCloseable permits Dl4jAveraging, RoundsAveraging {

  /** Makes a state that {@link #load} takes, from its tensors. */
  StateBuilder<? extends StateView> builder();

  /** Replaces the state, by one of the {@link #builder} or by what one replica has come to. */
  void load(StateView state);

  /** The state after the last round. */
  StateView state();

  /** Where each replica is best computed, as Spark takes preferred locations; may be empty. */
  List<String> places();

  /** Trains one round of named minibatches. */
  void fit(JavaRDD<String> paths, Round round, MinibatchSource source);

  /**
   * What the last round reports.
   *
   * @param clips clips it used
   * @param totalSeconds its wall time
   */
  RoundResult result(long clips, double totalSeconds);

  @Override
  void close();
}
