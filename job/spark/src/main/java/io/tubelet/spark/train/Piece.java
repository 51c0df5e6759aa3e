package io.tubelet.spark.train;

import io.tubelet.train.StateShape;
import io.tubelet.train.TrainState;
import io.tubelet.train.WeightedMean;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.Partitioner;
import scala.Tuple2;

/**
 * One chunk of a replica's state on its way through the shuffle to where that chunk is averaged.
 *
 * @param samples clips the replica used: its weight
 * @param values after its steps
 * @param report with the first chunk only, else null
 */
record Piece(long samples, Chunk values, ReplicaReport report) implements Serializable {

  /**
   * Which chunk. Sorted, the pieces of a chunk stand in the order of replicas.
   *
   * @param vector which vector of the state
   * @param chunk which chunk of the vector
   * @param replica whose
   */
  record Key(int vector, int chunk, int replica) implements Comparable<Key>, Serializable {
    private static final Comparator<Key> ORDER =
        Comparator.comparingInt(Key::vector)
            .thenComparingInt(Key::chunk)
            .thenComparingInt(Key::replica);

    @Override
    public int compareTo(Key other) {
      return ORDER.compare(this, other);
    }
  }

  /** One partition a chunk that replicas send: the common vector's, then their own ones'. */
  static final class ByChunk extends Partitioner {
    private final int common;
    private final int local;
    private final int firstLocal;
    private final int replicas;

    ByChunk(StateShape shape) {
      common = SharedState.cut(shape, 0).count();
      replicas = shape.hasLocalMoments() ? shape.replicas() : 0;
      firstLocal = shape.localVector(0);
      local = replicas == 0 ? 0 : SharedState.cut(shape, firstLocal).count();
    }

    @Override
    public int numPartitions() {
      return common + replicas * local;
    }

    @Override
    public int getPartition(Object key) {
      Key piece = (Key) key;
      return piece.vector == 0
          ? piece.chunk
          : common + (piece.vector - firstLocal) * local + piece.chunk;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ByChunk that
          && numPartitions() == that.numPartitions()
          && common == that.common;
    }

    @Override
    public int hashCode() {
      return numPartitions();
    }
  }

  /** A replica's state in pieces, made as they are asked for. */
  static Iterator<Tuple2<Key, Piece>> of(StateShape shape, TrainState state, ReplicaReport report) {
    int local = shape.hasLocalMoments() ? shape.localVector(report.replica()) : 0;
    // a list: an iterator of flatMap would make all pieces at once
    List<Key> keys =
        IntStream.of(0, local).distinct().boxed().flatMap(v -> keys(shape, v, report)).toList();
    return keys.stream()
        .map(
            key ->
                new Tuple2<>(
                    key,
                    new Piece(
                        shape.alone() ? 1 : report.taken().clips(),
                        new Chunk(
                            SharedState.cut(shape, key.vector)
                                .cut(state.vector(shape.vectors().get(key.vector)), key.chunk)),
                        key.vector == 0 && key.chunk == 0 ? report : null)))
        .iterator();
  }

  private static Stream<Key> keys(StateShape shape, int vector, ReplicaReport report) {
    return IntStream.range(0, SharedState.cut(shape, vector).count())
        .mapToObj(chunk -> new Key(vector, chunk, report.replica()));
  }

  /**
   * One chunk after the round.
   *
   * @param key which chunk
   * @param values of the chunk
   * @param outer chunk of the outer momentum that belongs to it; empty if there is none
   * @param reports of all replicas, with the first chunk only, else empty
   */
  record Averaged(Key key, Chunk values, Chunk outer, List<ReplicaReport> reports)
      implements Serializable {}

  /**
   * What becomes of one chunk: the mean over replicas, folded in their order, and the outer step.
   *
   * @param before the state before the round
   * @param pieces those of one chunk, sorted; none if no replica took part
   */
  static Iterator<Averaged> average(SharedState before, Iterator<Tuple2<Key, Piece>> pieces) {
    WeightedMean mean = new WeightedMean();
    List<ReplicaReport> reports = new ArrayList<>();
    Tuple2<Key, Piece> last = null;
    while (pieces.hasNext()) {
      last = pieces.next();
      mean.add(last._2().values.values(), last._2().samples);
      if (last._2().report != null) {
        reports.add(last._2().report);
      }
    }
    if (last == null) {
      return List.<Averaged>of().iterator();
    }
    if (last._1().vector > 0) { // a replica's own
      return List.of(new Averaged(last._1(), last._2().values, new Chunk(), reports)).iterator();
    }
    return List.of(step(before, last._1(), mean, reports)).iterator();
  }

  private static Averaged step(
      SharedState before, Key key, WeightedMean mean, List<ReplicaReport> reports) {
    float[] start = before.chunk(0, key.chunk);
    boolean momentum = before.shape().rule().outer().hasMomentum();
    boolean moved = momentum && key.chunk < before.vectors().get(1).size();
    float[] outer = moved ? before.chunk(1, key.chunk).clone() : new float[0];
    if (mean.weight() == 0) { // every step of every replica was skipped
      return new Averaged(key, new Chunk(start), new Chunk(outer), reports);
    }
    float[] values = mean.mean();
    before.shape().rule().outer().apply(start, values, outer);
    return new Averaged(key, new Chunk(values), new Chunk(outer), reports);
  }
}
