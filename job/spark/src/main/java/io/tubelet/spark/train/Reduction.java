package io.tubelet.spark.train;

import io.tubelet.engine.torch.Collective;
import io.tubelet.train.OuterStep;
import io.tubelet.train.WeightedMean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Replicas' vectors become their mean: each task folds a slice of every chunk, in the order of
 * replicas and in double, and the slices are gathered. That is the traffic of a ring and the
 * arithmetic of a loop: the bits do not depend on the number of tasks.
 *
 * <p>A vector is a list of arrays, one behind the other. It moves in chunks, so that nothing here
 * is as large as it is.
 */
final class Reduction {
  /** Most values of a chunk, 16 MiB. */
  private static final int CHUNK = 1 << 22;

  /** Values folded at a time, so that their sums stay in the processor's cache. */
  private static final int BLOCK = 1 << 14;

  /** What becomes of a part of the mean. */
  @FunctionalInterface
  interface Step {
    /** Nothing. */
    Step NONE = (mean, from) -> {};

    /**
     * Takes it for some values.
     *
     * @param mean of them, to be changed in place; may reach past the vector's end
     * @param from where in the vector they begin
     */
    void apply(float[] mean, long from);
  }

  private final Collective group;
  private final int[] counts;
  private final int slice;
  private final FloatBuffer sent;
  private final FloatBuffer taken;

  /**
   * @param counts replicas of each task
   * @param length of the vectors
   */
  Reduction(Collective group, int[] counts, long length) {
    this.group = group;
    this.counts = counts;
    int tasks = group.size();
    this.slice = (int) ((Math.min(CHUNK, length) + tasks - 1) / tasks);
    this.sent = buffer(Math.max(counts[group.rank()] * tasks, 1));
    this.taken = buffer(Math.max(Arrays.stream(counts).sum(), tasks));
  }

  private FloatBuffer buffer(int slices) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(slices * Float.BYTES, slice))
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  /**
   * Averages.
   *
   * @param own vectors of this task's replicas, in their order; the first becomes the mean
   * @param weights of all replicas; if all are 0, the first stays as it is
   */
  void average(List<List<float[]>> own, long[] weights, Step step) {
    if (Arrays.stream(weights).sum() == 0) {
      return;
    }
    long length = length(own.get(0));
    for (long chunk = 0; chunk < length; chunk += (long) slice * group.size()) {
      exchange(own, chunk);
      for (int at = 0; at < slice; at += BLOCK) {
        float[] mean = fold(weights, at, Math.min(BLOCK, slice - at));
        step.apply(mean, chunk + (long) slice * group.rank() + at);
        sent.put(at, mean);
      }
      gather(own.get(0), chunk);
    }
  }

  private void exchange(List<List<float[]>> own, long chunk) {
    long[] to = new long[group.size()];
    long[] from = new long[group.size()];
    for (int task = 0; task < group.size(); task++) {
      for (int i = 0; i < own.size(); i++) {
        copy(own.get(i), chunk + (long) task * slice, sent, (task * own.size() + i) * slice, true);
      }
      to[task] = (long) own.size() * slice;
      from[task] = (long) counts[task] * slice;
    }
    group.exchange(sent, to, taken, from);
  }

  private float[] fold(long[] weights, int at, int length) {
    WeightedMean mean = new WeightedMean();
    float[] one = new float[length];
    for (int replica = 0; replica < weights.length; replica++) {
      taken.get(replica * slice + at, one);
      mean.add(one, weights[replica]);
    }
    return mean.mean();
  }

  private void gather(List<float[]> vector, long chunk) {
    group.gather(sent, slice, taken);
    for (int task = 0; task < group.size(); task++) {
      copy(vector, chunk + (long) task * slice, taken, task * slice, false);
    }
  }

  /** Gives every task the slices of a vector that each has stepped on. */
  void share(List<float[]> vector) {
    long length = length(vector);
    for (long chunk = 0; chunk < length; chunk += (long) slice * group.size()) {
      copy(vector, chunk + (long) slice * group.rank(), sent, 0, true);
      gather(vector, chunk);
    }
  }

  /**
   * The outer step on the part of a slice that is weights; moments behind them stay the mean.
   *
   * @param before weights that the replicas started from
   * @param kept the outer momentum; a task keeps that of its slices
   */
  static Step outer(OuterStep outer, List<float[]> before, List<float[]> kept, int steps) {
    long weights = length(before);
    return (mean, from) -> {
      float[] started = new float[mean.length];
      float[] momentum = new float[(int) Math.max(0, Math.min(mean.length, weights - from))];
      copy(before, from, FloatBuffer.wrap(started), true);
      copy(kept, from, FloatBuffer.wrap(momentum), true);
      outer.apply(started, mean, momentum, steps);
      copy(kept, from, FloatBuffer.wrap(momentum), false);
    };
  }

  private static long length(List<float[]> vector) {
    return vector.stream().mapToLong(array -> array.length).sum();
  }

  private void copy(List<float[]> vector, long from, FloatBuffer buffer, int at, boolean out) {
    copy(vector, from, buffer.slice(at, slice), out);
  }

  /**
   * Copies the stretch of a vector that a slice covers.
   *
   * @param from where in the vector the slice begins
   * @param out into the slice; else out of it
   */
  static void copy(List<float[]> vector, long from, FloatBuffer slice, boolean out) {
    long start = -from; // of the next array, from that of the slice
    for (float[] array : vector) {
      int first = (int) Math.max(0, Math.min(start, slice.capacity()));
      int end = (int) Math.max(0, Math.min(start + array.length, slice.capacity()));
      if (first < end && out) {
        slice.put(first, array, (int) (first - start), end - first);
      } else if (first < end) {
        slice.get(first, array, (int) (first - start), end - first);
      }
      start += array.length;
    }
  }
}
