package io.tubelet.augment;

/** Resizes columns of pixels along themselves, whole rows of lanes at a time. */
final class Rows {
  private final Lanes lanes = new Lanes();
  private final Resample resample;
  private final char[] highSum;
  private final char[] lowSum;

  /** From {@code size} to {@code out} rows of {@code run} lanes. */
  Rows(int size, int out, int run) {
    resample = new Resample(size, out);
    highSum = new char[run];
    lowSum = new char[run];
  }

  /**
   * Resizes a picture.
   *
   * @param in rows of lanes in [0, 255]
   * @param at index in {@code out} of the first row's first byte; the rows follow one another
   */
  void apply(char[][] in, byte[] out, int at) {
    boolean same = in.length == resample.first.length;
    for (int y = 0; same && y < in.length; y++) {
      lanes.narrow(in[y], out, at + y * highSum.length, highSum.length);
    }
    for (int y = 0; !same && y < resample.first.length; y++) {
      sum(highSum, Lanes.HALF, in, y, resample.high);
      sum(lowSum, 0, in, y, resample.low);
      Lanes.round(highSum, lowSum, resample.lowBits, highSum);
      lanes.narrow(highSum, out, at + y * highSum.length, highSum.length);
    }
  }

  private void sum(char[] sum, int start, char[][] in, int y, int[] weights) {
    int first = resample.first[y];
    int support = resample.support;
    int w = y * support;
    int second = Math.min(1, support - 1);
    int third = Math.min(2, support - 1);
    Lanes.blend(
        sum,
        start,
        in[first],
        weights[w],
        in[first + second],
        support > 1 ? weights[w + 1] : 0,
        in[first + third],
        support > 2 ? weights[w + 2] : 0);
    for (int k = Lanes.TAPS; k < support; k++) {
      Lanes.add(sum, in[first + k], weights[w + k]);
    }
  }
}
