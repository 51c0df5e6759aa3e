package io.tubelet.spark.train;

import io.tubelet.spark.data.ClipAccess;
import io.tubelet.spark.train.Rounds.Round;
import io.tubelet.train.SamplePlan;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;

/**
 * The minibatches of every round and replica, as a pure function: a retried task reads the same
 * bytes.
 *
 * @param plan who trains on what
 * @param clips where the clips are
 * @param presentation how they become cubes
 * @param readers threads of a replica that read ahead; 0: the cores of its task but one, at least
 *     one
 */
public record MinibatchSource(
    SamplePlan plan, ClipAccess clips, ClipTransform presentation, int readers)
    implements Serializable {

  /**
   * The minibatches of one replica in some rounds, one a step, read ahead; must be closed.
   *
   * @param from number of the first round
   * @param to number of the round after the last
   */
  public ReadAhead read(Rounds rounds, long from, long to, int replica) {
    Iterator<ReadAhead.Planned> planned =
        LongStream.range(from, to)
            .boxed()
            .flatMap(index -> planned(rounds.at(index), replica))
            .iterator();
    return new ReadAhead(clips, presentation, planned, threads());
  }

  private Stream<ReadAhead.Planned> planned(Round round, int replica) {
    int[] order = plan.order(round.epoch());
    return IntStream.range(round.firstStep(), round.firstStep() + round.steps())
        .mapToObj(step -> plan.minibatch(order, step, replica))
        .map(indices -> Arrays.stream(indices).mapToObj(clips::clip).toList())
        .map(rows -> new ReadAhead.Planned(round.epoch(), rows));
  }

  private int threads() {
    TaskContext task = TaskContext.get();
    int cores = task == null ? 1 : task.cpus();
    return readers > 0 ? readers : Math.max(1, cores - 1);
  }
}
