package io.tubelet.spark.cluster;

import java.io.Serializable;

/**
 * What an executor has done since it started, and what it holds.
 *
 * @param executor its id
 * @param clips clips that steps were taken on
 * @param waitNanos time that training waited for data
 * @param computeNanos time spent in steps
 * @param offHeapBytes what JavaCPP has allocated and not freed
 * @param physicalBytes memory of the whole process
 * @param deviceBytes memory in use on its cards; 0 without
 */
record ExecutorReport(
    String executor,
    long clips,
    long waitNanos,
    long computeNanos,
    long offHeapBytes,
    long physicalBytes,
    long deviceBytes)
    implements Serializable {

  /** Share of training time in which no data was there, in [0, 1]. */
  static double waitShare(long waitNanos, long computeNanos) {
    long all = waitNanos + computeNanos;
    return all == 0 ? 0 : (double) waitNanos / all;
  }
}
