package io.tubelet.spark.train;

import io.tubelet.engine.torch.Collective;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.train.AveragingRule.Wire;
import io.tubelet.train.OuterStep;
import io.tubelet.train.WeightedMean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Replicas' vectors become their mean: each task folds a slice of every chunk, in the order of
 * replicas and in double, and the slices are gathered. That is the traffic of a ring and the
 * arithmetic of a loop: the bits do not depend on the number of tasks.
 *
 * <p>A vector is a list of buffers, one behind the other. It moves in chunks, so that nothing here
 * is as large as it is; one {@link #inPlace} is sent from where it lies, and taken there.
 */
final class Reduction {
  /** Most values of a chunk, 16 MiB. */
  private static final int CHUNK = 1 << 22;

  /** Values folded at a time, so that their sums stay in the processor's cache. */
  private static final int BLOCK = 1 << 14;

  /** Most values of one buffer in native memory, which Java counts in bytes. */
  private static final int BUFFER = 1 << 28;

  /**
   * A vector in native memory.
   *
   * @param whole of it, in whole chunks
   * @param tensors a buffer for each tensor: the same memory
   */
  record InPlace(List<FloatBuffer> whole, List<FloatBuffer> tensors) {}

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
    long slices = (length + CHUNK - 1) / CHUNK * tasks; // of equal chunks, so none is half empty
    this.slice = (int) ((length + slices - 1) / slices);
    this.sent = buffer(Math.multiplyExact(Math.max(counts[group.rank()] * tasks, 1), slice));
    this.taken = buffer(Math.multiplyExact(Math.max(Arrays.stream(counts).sum(), tasks), slice));
  }

  private static FloatBuffer buffer(int length) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(Float.BYTES, length))
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  private int chunk() {
    return slice * group.size();
  }

  /** A vector of a value for every weight. */
  InPlace inPlace(ParameterLayout layout) {
    InPlace vector = new InPlace(new ArrayList<>(), new ArrayList<>());
    List<Integer> sizes = layout.parameters().stream().map(Parameter::size).toList();
    while (vector.tensors.size() < sizes.size()) {
      int first = vector.tensors.size();
      int length = 0;
      int end = first;
      while (end < sizes.size() && (end == first || length + sizes.get(end) <= BUFFER)) {
        length += sizes.get(end++);
      }
      FloatBuffer buffer = buffer((length + chunk() - 1) / chunk() * chunk());
      vector.whole.add(buffer);
      int at = 0;
      for (int size : sizes.subList(first, end)) {
        vector.tensors.add(buffer.slice(at, size));
        at += size;
      }
    }
    return vector;
  }

  /**
   * Averages.
   *
   * @param own vectors of this task's replicas, in their order; the first becomes the mean
   * @param weights of all replicas; if all are 0, the first stays as it is
   * @param wire what the values travel in
   */
  void average(List<List<FloatBuffer>> own, long[] weights, Step step, Wire wire) {
    if (Arrays.stream(weights).sum() == 0) {
      return;
    }
    long length = length(own.get(0));
    for (long chunk = 0; chunk < length; chunk += chunk()) {
      exchange(own, chunk, wire);
      for (int at = 0; at < slice; at += BLOCK) {
        float[] mean = fold(weights, at, Math.min(BLOCK, slice - at));
        step.apply(mean, chunk + (long) slice * group.rank() + at);
        sent.put(at, mean);
      }
      gather(own.get(0), chunk, wire);
    }
  }

  private void exchange(List<List<FloatBuffer>> own, long chunk, Wire wire) {
    long[] to = new long[group.size()];
    long[] from = new long[group.size()];
    FloatBuffer there = own.size() == 1 ? whole(own.get(0), chunk) : null;
    for (int task = 0; task < group.size(); task++) {
      for (int i = 0; i < own.size() && there == null; i++) {
        copy(own.get(i), chunk + (long) task * slice, sent, (task * own.size() + i) * slice, true);
      }
      to[task] = (long) own.size() * slice;
      from[task] = (long) counts[task] * slice;
    }
    group.exchange(there == null ? sent : there, to, taken, from, wire);
  }

  /** A chunk that lies in native memory in one piece; else null. */
  private FloatBuffer whole(List<FloatBuffer> vector, long chunk) {
    long at = chunk;
    for (FloatBuffer buffer : vector) {
      if (at >= 0 && at + chunk() <= buffer.capacity() && buffer.isDirect()) {
        return buffer.slice((int) at, chunk());
      }
      at -= buffer.capacity();
    }
    return null;
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

  private void gather(List<FloatBuffer> vector, long chunk, Wire wire) {
    FloatBuffer there = whole(vector, chunk);
    group.gather(sent, slice, there == null ? taken : there, wire);
    for (int task = 0; task < group.size() && there == null; task++) {
      copy(vector, chunk + (long) task * slice, taken, task * slice, false);
    }
  }

  /** Gives every task the slices of a vector that each has stepped on. */
  void share(List<FloatBuffer> vector) {
    long length = length(vector);
    for (long chunk = 0; chunk < length; chunk += chunk()) {
      copy(vector, chunk + (long) slice * group.rank(), sent, 0, true);
      gather(vector, chunk, Wire.FP32);
    }
  }

  /**
   * The outer step on the part of a slice that is weights; moments behind them stay the mean.
   *
   * @param before weights that the replicas started from
   * @param kept the outer momentum; a task keeps that of its slices
   */
  static Step outer(OuterStep outer, List<FloatBuffer> before, List<FloatBuffer> kept, int steps) {
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

  private static long length(List<FloatBuffer> vector) {
    return vector.stream().mapToLong(FloatBuffer::capacity).sum();
  }

  private void copy(List<FloatBuffer> vector, long from, FloatBuffer buffer, int at, boolean out) {
    copy(vector, from, buffer.slice(at, slice), out);
  }

  /**
   * Copies the stretch of a vector that a slice covers.
   *
   * @param from where in the vector the slice begins
   * @param out into the slice; else out of it
   */
  static void copy(List<FloatBuffer> vector, long from, FloatBuffer slice, boolean out) {
    long start = -from; // of the next array, from that of the slice
    for (FloatBuffer buffer : vector) {
      int first = (int) Math.max(0, Math.min(start, slice.capacity()));
      int end = (int) Math.max(0, Math.min(start + buffer.capacity(), slice.capacity()));
      if (first < end && out) {
        slice.put(first, buffer, (int) (first - start), end - first);
      } else if (first < end) {
        buffer.put((int) (first - start), slice, first, end - first);
      }
      start += buffer.capacity();
    }
  }
}
