package io.tubelet.spark.train;

import io.tubelet.spark.data.ClipAccess;
import io.tubelet.spark.train.ClipTransform.Collation;
import io.tubelet.spark.train.Rounds.Round;
import io.tubelet.train.SamplePlan;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;

/**
 * The minibatches of every round and replica, as a pure function: a retried task reads the same
 * bytes.
 *
 * @param readers threads of a replica that read ahead; 0: the cores of its task but one, at least
 *     one
 */
public record MinibatchSource(
    SamplePlan plan, ClipAccess clips, ClipTransform presentation, int readers)
    implements Serializable {

  /**
   * The minibatches of one replica in the rounds {@code from} to {@code to}, without the latter:
   * one a step, read ahead; must be closed.
   */
  public ReadAhead read(Rounds rounds, long from, long to, int replica) {
    Iterator<Supplier<Collation>> planned =
        LongStream.range(from, to)
            .boxed()
            .flatMap(index -> planned(rounds.at(index), replica))
            .iterator();
    return new ReadAhead(clips, planned, threads());
  }

  private Stream<Supplier<Collation>> planned(Round round, int replica) {
    int[] order = plan.order(round.epoch());
    return IntStream.range(round.firstStep(), round.firstStep() + round.steps())
        .mapToObj(step -> plan.minibatch(order, step, replica))
        .map(indices -> Arrays.stream(indices).mapToObj(clips::clip).toList())
        .map(rows -> () -> presentation.collate(rows, round.epoch()));
  }

  private int threads() {
    TaskContext task = TaskContext.get();
    int cores = task == null ? 1 : task.cpus();
    return readers > 0 ? readers : Math.max(1, cores - 1);
  }
}
