package io.tubelet.spark.train;

import io.tubelet.spark.train.Piece.Averaged;
import io.tubelet.train.StateChunks;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rdd.ShuffledRDD;
import scala.math.Ordering;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Replicas become the next state: their pieces go through a shuffle, each chunk is averaged in one
 * task, and the driver takes some chunks at a time and broadcasts them at once. So it holds two
 * copies of the state at most, the old and the new one, as broadcasts that Spark may put on disk.
 */
final class Gathering {
  /** Most bytes of results that the driver takes at once; small against any limit of Spark's. */
  private static final long RESULT_BYTES = 1 << 28;

  private static final ClassTag<Piece.Key> KEYS = ClassTag$.MODULE$.apply(Piece.Key.class);
  private static final ClassTag<Piece> PIECES = ClassTag$.MODULE$.apply(Piece.class);

  private final ReplicaWork work;
  private final JavaSparkContext spark;
  private final List<ReplicaReport> reports = new ArrayList<>();

  Gathering(ReplicaWork work, JavaSparkContext spark) {
    this.work = work;
    this.spark = spark;
  }

  /** What the replicas said, in their order, once the state is there. */
  List<ReplicaReport> reports() {
    return reports;
  }

  /** The next state. The old one stays as it is, and is used where no replica sent a chunk. */
  SharedState of(JavaPairRDD<Piece.Key, Piece> pieces) {
    SharedState before = work.start();
    ShuffledRDD<Piece.Key, Piece, Piece> sorted = sorted(pieces);
    JavaRDD<Averaged> averaged =
        JavaPairRDD.fromRDD(sorted, KEYS, PIECES)
            .mapPartitions(sent -> Piece.average(before, sent));
    List<List<Broadcast<Chunk>>> next = new ArrayList<>();
    before.vectors().forEach(chunks -> next.add(new ArrayList<>(chunks)));
    try {
      collect(averaged, next);
    } finally {
      forget(sorted);
    }
    Round last = work.rounds().get(work.rounds().size() - 1);
    return new SharedState(before.shape(), last.globalStep() + last.steps(), next);
  }

  private ShuffledRDD<Piece.Key, Piece, Piece> sorted(JavaPairRDD<Piece.Key, Piece> pieces) {
    return new ShuffledRDD<Piece.Key, Piece, Piece>(
            pieces.rdd(), new Piece.ByChunk(work.start().shape()), KEYS, PIECES, PIECES)
        .setKeyOrdering(Ordering.comparatorToOrdering(Comparator.<Piece.Key>naturalOrder()))
        .setSerializer(new BufferedJava(spark.getConf()));
  }

  private void collect(JavaRDD<Averaged> averaged, List<List<Broadcast<Chunk>>> next) {
    int partitions = averaged.getNumPartitions();
    int atOnce = (int) (RESULT_BYTES / (2L * Float.BYTES * StateChunks.DEFAULT_CHUNK_VALUES));
    for (int from = 0; from < partitions; from += atOnce) {
      int[] some = IntStream.range(from, Math.min(from + atOnce, partitions)).toArray();
      List<Averaged> chunks =
          Stream.of(averaged.collectPartitions(some)).flatMap(List::stream).toList();
      chunks.forEach(chunk -> reports.addAll(chunk.reports()));
      chunks.parallelStream().forEach(chunk -> put(chunk, next));
    }
  }

  /** Each chunk has a place of its own, so several may be put at a time. */
  private void put(Averaged chunk, List<List<Broadcast<Chunk>>> next) {
    Piece.Key key = chunk.key();
    next.get(key.vector()).set(key.chunk(), spark.broadcast(chunk.values()));
    if (chunk.outer().values().length > 0) {
      next.get(1).set(key.chunk(), spark.broadcast(chunk.outer()));
    }
  }

  /** Removes the shuffle's files now; Spark would only after a garbage collection. */
  private void forget(ShuffledRDD<Piece.Key, Piece, Piece> sorted) {
    var shuffle = (ShuffleDependency<?, ?, ?>) sorted.dependencies().head();
    if (spark.sc().cleaner().isDefined()) {
      spark.sc().cleaner().get().doCleanupShuffle(shuffle.shuffleId(), false);
    }
  }
}
