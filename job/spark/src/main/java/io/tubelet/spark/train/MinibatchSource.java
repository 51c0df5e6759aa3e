package io.tubelet.spark.train;

import io.tubelet.spark.data.ClipAccess;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.train.SamplePlan;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

  /** The minibatches of one replica in one round, read ahead; must be closed. */
  public ReadAhead read(Round round, int replica) {
    int[] order = plan.order(round.epoch());
    List<List<ClipRow>> minibatches = new ArrayList<>();
    for (int step = 0; step < round.steps(); step++) {
      int[] indices = plan.minibatch(order, round.firstStep() + step, replica);
      if (indices.length > 0) {
        minibatches.add(Arrays.stream(indices).mapToObj(clips::clip).toList());
      }
    }
    return new ReadAhead(clips, presentation, minibatches, round.epoch(), threads());
  }

  private int threads() {
    TaskContext task = TaskContext.get();
    int cores = task == null ? 1 : task.cpus();
    return readers > 0 ? readers : Math.max(1, cores - 1);
  }
}
