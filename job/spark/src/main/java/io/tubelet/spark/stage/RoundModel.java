package io.tubelet.spark.stage;

/**
 * What a meeting of replicas takes beside their steps, by arithmetic: the way of {@code Reduction}.
 *
 * @param values of a replica's vector
 * @param wire bytes of a value between replicas
 */
public record RoundModel(long values, int wire) {
  /** Bytes a second that a core copies, and values a second that it folds (EPYC Zen 3). */
  private static final double COPY = 4e9;

  private static final double FOLD = 5e8;

  /** Out of the engine, a stretch for each of the others, and in again. */
  private static final int COPIES = 3;

  /** Seconds of what does not grow with the vector. */
  private static final double MEETING = 0.005;

  private static final double GIGABIT = 1e9 / Byte.SIZE;

  /** Bytes that a replica sends to the others, and takes from them: its slices and their mean. */
  public double bytes(int replicas) {
    return 2.0 * (replicas - 1) / replicas * wire * values;
  }

  /**
   * Seconds of a meeting.
   *
   * @param gigabits a second, each way, of a replica's own link
   * @param share of a core that a replica has
   */
  public double seconds(int replicas, double gigabits, double share) {
    double work = COPIES * Float.BYTES * values / COPY + values / FOLD;
    return bytes(replicas) / (gigabits * GIGABIT) + work / share + MEETING;
  }
}
