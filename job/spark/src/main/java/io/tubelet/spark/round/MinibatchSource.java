package io.tubelet.spark.round;

import io.tubelet.cube.CubeBatch;
import io.tubelet.spark.store.ClipReader;
import io.tubelet.spark.store.ClipRow;
import io.tubelet.spark.store.StoreAccess;
import io.tubelet.training.SamplePlan;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The minibatches of every round and replica, as a pure function: a retried task reads the same
 * bytes.
 *
 * @param plan who trains on what
 * @param store where the clips are
 * @param presentation how they become cubes
 */
public record MinibatchSource(SamplePlan plan, StoreAccess store, Presentation presentation)
    implements Serializable {

  /** The minibatches of one replica in one round, read ahead; must be closed. */
  public ReadAhead read(Round round, int replica) {
    int[] order = plan.order(round.epoch());
    List<List<ClipRow>> minibatches = new ArrayList<>();
    for (int step = 0; step < round.steps(); step++) {
      int[] indices = plan.minibatch(order, round.firstStep() + step, replica);
      if (indices.length > 0) {
        minibatches.add(Arrays.stream(indices).mapToObj(store::clip).toList());
      }
    }
    return new ReadAhead(new Minibatches(store.open(), presentation, minibatches, round.epoch()));
  }

  /** Reads one list of clips after the other on whatever thread calls it. */
  record Minibatches(
      ClipReader reader, Presentation presentation, List<List<ClipRow>> clips, long epoch)
      implements AutoCloseable {

    CubeBatch read(int index) {
      return presentation.batch(reader, clips.get(index), epoch);
    }

    int count() {
      return clips.size();
    }

    @Override
    public void close() {
      reader.close();
    }
  }
}
