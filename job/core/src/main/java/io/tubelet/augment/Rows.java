package io.tubelet.augment;

/** Resizes columns of pixels along themselves, whole rows of lanes at a time. */
final class Rows {
  private final int size;
  private final int out;
  private final Resample resample;
  private final char[][] ring;
  private final char[] sum;
  private final char[] lowSum;

  /** Makes or takes a row of lanes in [0, 255]; called for one row after the other. */
  @FunctionalInterface
  interface Step {
    void row(int y, char[] lanes);
  }

  /** From {@code size} to {@code out} rows of {@code run} lanes. */
  Rows(int size, int out, int run) {
    this.size = size;
    this.out = out;
    resample = new Resample(size, out);
    ring = new char[resample.support][run];
    sum = new char[run];
    lowSum = new char[run];
  }

  /**
   * Resizes a picture, of which never more rows are there than one output row is made of.
   *
   * @param in makes the rows
   * @param to takes them, {@code out} of them
   */
  void apply(Step in, Step to) {
    int made = 0;
    for (int y = 0; y < out; y++) {
      int end = size == out ? y + 1 : Math.min(size, resample.first[y] + ring.length);
      for (; made < end; made++) {
        in.row(made, ring[made % ring.length]);
      }
      to.row(y, size == out ? ring[y % ring.length] : blend(y));
    }
  }

  private char[] blend(int y) {
    int w = y * ring.length;
    char[] a = tap(y, 0);
    char[] b = tap(y, 1);
    Lanes.low(lowSum, a, resample.low[w], b, resample.low[w + 1]);
    for (int k = 2; k < ring.length; k++) {
      Lanes.add(lowSum, tap(y, k), resample.low[w + k]);
    }
    int bits = resample.lowBits;
    Lanes.high(sum, lowSum, bits, a, resample.high[w], b, resample.high[w + 1]);
    for (int k = 2; k < ring.length; k++) {
      Lanes.add(sum, tap(y, k), resample.high[w + k]);
    }
    Lanes.floor(sum);
    return sum;
  }

  private char[] tap(int y, int k) {
    return ring[(resample.first[y] + k) % ring.length];
  }
}
