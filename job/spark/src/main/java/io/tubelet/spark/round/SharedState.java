package io.tubelet.spark.round;

import io.tubelet.model.ParameterLayout;
import io.tubelet.training.StateChunks;
import io.tubelet.training.TrainState;
import io.tubelet.training.Training;
import io.tubelet.training.WeightedMean;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * A state on its way between JVMs: broadcast chunk by chunk to the replicas, and back from them
 * through the shuffle, where each chunk is averaged in one place. No message is larger than a
 * chunk, and the driver never holds more than one replica's worth.
 *
 * @param training whose network gives the layout
 * @param chunks the common state
 */
public record SharedState(Training training, List<Broadcast<float[]>> chunks)
    implements Serializable {

  /**
   * One replica's values for one chunk.
   *
   * @param samples clips the replica used: its weight
   * @param values after its steps
   * @param report with the first chunk only, else null
   */
  record Part(int replica, long samples, float[] values, ReplicaReport report)
      implements Serializable {}

  /**
   * One chunk, averaged.
   *
   * @param chunk its number
   * @param reports of all replicas, with the first chunk only, else empty
   */
  record Averaged(int chunk, float[] values, List<ReplicaReport> reports) implements Serializable {}

  /** Broadcasts a state. */
  public static SharedState share(JavaSparkContext spark, Training training, TrainState state) {
    StateChunks cut = cut(training);
    List<Broadcast<float[]>> chunks = new ArrayList<>();
    for (int k = 0; k < cut.count(); k++) {
      chunks.add(spark.broadcast(cut.cut(state, k)));
    }
    return new SharedState(training, chunks);
  }

  private static StateChunks cut(Training training) {
    return new StateChunks(ParameterLayout.of(training.model()), StateChunks.DEFAULT_CHUNK_VALUES);
  }

  /** The common state, as of this step. */
  public TrainState join(long step) {
    return join(step, chunks.stream().map(Broadcast::value).toList());
  }

  /** The state of averaged chunks, in order, as of this step. */
  TrainState join(long step, List<float[]> averaged) {
    return cut(training).join(step, averaged);
  }

  /** A replica's state, chunk by chunk, made as it is asked for. */
  Iterator<Tuple2<Integer, Part>> parts(TrainState state, ReplicaReport report) {
    StateChunks cut = cut(training);
    return IntStream.range(0, cut.count())
        .mapToObj(
            k ->
                new Tuple2<>(
                    k,
                    new Part(
                        report.replica(),
                        report.clips(),
                        cut.cut(state, k),
                        k == 0 ? report : null)))
        .iterator();
  }

  /** The mean of one chunk over all replicas, folded in the order of their numbers. */
  static Averaged average(int chunk, Iterable<Part> parts) {
    List<Part> ordered =
        StreamSupport.stream(parts.spliterator(), false)
            .sorted(Comparator.comparingInt(Part::replica))
            .toList();
    WeightedMean mean = new WeightedMean();
    ordered.forEach(part -> mean.add(part.values(), part.samples()));
    List<ReplicaReport> reports =
        chunk == 0 ? ordered.stream().map(Part::report).toList() : List.of();
    return new Averaged(chunk, mean.mean(), reports);
  }

  /** Frees the broadcast on all machines. */
  public void destroy() {
    chunks.forEach(Broadcast::destroy);
  }
}
