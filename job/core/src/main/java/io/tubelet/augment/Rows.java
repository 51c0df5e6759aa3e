package io.tubelet.augment;

/** Resizes columns of pixels along themselves, whole rows of lanes at a time. */
final class Rows {
  private final int size;
  private final int out;
  private final Resample resample;
  private final char[][] ring;
  private final char[] sum;
  private final short[] lowSum;

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
    lowSum = new short[run];
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
    sum(y);
    Lanes.floor(sum);
    return sum;
  }

  private void sum(int y) {
    int w = y * ring.length;
    int bits = resample.lowBits;
    short[] low = resample.low;
    short[] high = resample.high;
    char[] a = tap(y, 0);
    char[] b = tap(y, 1);
    if (ring.length == 2) {
      Lanes.low(lowSum, a, low[w], b, low[w + 1]);
      Lanes.high(sum, lowSum, bits, a, high[w], b, high[w + 1]);
      return;
    }
    char[] c = tap(y, 2);
    Lanes.low(lowSum, a, low[w], b, low[w + 1], c, low[w + 2]);
    for (int k = 3; k < ring.length; k++) {
      Lanes.add(lowSum, tap(y, k), low[w + k]);
    }
    Lanes.high(sum, lowSum, bits, a, high[w], b, high[w + 1], c, high[w + 2]);
    for (int k = 3; k < ring.length; k++) {
      Lanes.add(sum, tap(y, k), high[w + k]);
    }
  }

  private char[] tap(int y, int k) {
    return ring[(resample.first[y] + k) % ring.length];
  }
}
