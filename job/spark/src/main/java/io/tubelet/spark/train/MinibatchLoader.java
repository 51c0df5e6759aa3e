package io.tubelet.spark.train;

import io.tubelet.train.Training;
import java.io.Serializable;
import org.apache.spark.TaskContext;
import org.apache.spark.util.DoubleAccumulator;
import org.apache.spark.util.TaskCompletionListener;
import org.deeplearning4j.core.loader.MultiDataSetLoader;
import org.nd4j.common.loader.Source;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Makes the minibatches that dl4j-spark asks for by name. A task asks for those of one replica in
 * their order, so they can be read ahead.
 */
final class MinibatchLoader implements MultiDataSetLoader, Serializable {
  private final Round round;
  private final MinibatchSource source;
  private final Training training;
  private final DoubleAccumulator waitSeconds;
  private transient ReadAhead reading;

  /**
   * @param training what the replicas train
   * @param waitSeconds sums the time that tasks wait for data; not used where the minibatches are
   *     taken from {@link #source} instead
   */
  MinibatchLoader(
      Round round, MinibatchSource source, Training training, DoubleAccumulator waitSeconds) {
    this.round = round;
    this.source = source;
    this.training = training;
    this.waitSeconds = waitSeconds;
  }

  Round round() {
    return round;
  }

  MinibatchSource source() {
    return source;
  }

  @Override
  public MultiDataSet load(Source name) {
    Minibatch minibatch = Minibatch.parse(name.getPath());
    if (reading == null) {
      ReadAhead started = source.read(round, minibatch.replica());
      TaskContext.get().addTaskCompletionListener((TaskCompletionListener) task -> finish(started));
      reading = started;
    }
    return OneExample.of(reading.next(), round.globalStep() + minibatch.step(), training);
  }

  private void finish(ReadAhead started) {
    waitSeconds.add(started.waitSeconds());
    started.close();
  }
}
