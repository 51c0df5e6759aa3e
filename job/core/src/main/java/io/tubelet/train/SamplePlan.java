package io.tubelet.train;

import io.tubelet.clip.SampleSeed;
import java.io.Serializable;
import java.util.Arrays;

/**
 * Who trains on what: all clips of an epoch in the order of (seed, epoch), dealt to steps, and in
 * each step to replicas. A pure function; the same for any cluster.
 *
 * <p>Every clip is used exactly once an epoch. The epoch has {@code ⌈clips / (replicas · batch)⌉}
 * steps of nearly equal size (they differ by one clip at most), so there is no small last batch.
 *
 * @param replicas models that train side by side; a setting, not the number of executors
 * @param batch most clips of one replica's minibatch
 */
public record SamplePlan(long seed, int clips, int replicas, int batch) implements Serializable {

  /** Fails if there are fewer clips than replicas. */
  public SamplePlan {
    if (replicas < 1 || batch < 1 || clips < replicas) {
      throw new IllegalArgumentException(
          "%d clips cannot be dealt to %d replicas in batches of %d"
              .formatted(clips, replicas, batch));
    }
  }

  public int stepsPerEpoch() {
    return Math.toIntExact((clips + (long) replicas * batch - 1) / ((long) replicas * batch));
  }

  /** The order of an epoch: a permutation of {@code 0 … clips − 1}. */
  public int[] order(long epoch) {
    return SampleSeed.permutation(clips, SampleSeed.of(seed, epoch, "order"));
  }

  /**
   * The clips of one replica's minibatch, given the epoch's {@link #order}; none if the step has
   * fewer clips than there are replicas.
   */
  public int[] minibatch(int[] order, int step, int replica) {
    long from = share(clips, step, stepsPerEpoch());
    int start = Math.toIntExact(from + share(size(step), replica, replicas));
    return Arrays.copyOfRange(order, start, start + size(step, replica));
  }

  /** Clips of a step over all replicas. */
  public int size(int step) {
    return Math.toIntExact(
        share(clips, step + 1L, stepsPerEpoch()) - share(clips, step, stepsPerEpoch()));
  }

  /** Clips of one replica's minibatch; 0 if the step has fewer clips than there are replicas. */
  public int size(int step, int replica) {
    int size = size(step);
    return Math.toIntExact(share(size, replica + 1L, replicas) - share(size, replica, replicas));
  }

  private static long share(long size, long part, long parts) {
    return size * part / parts;
  }
}
