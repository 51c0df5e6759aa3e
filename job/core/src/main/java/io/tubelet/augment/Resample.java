package io.tubelet.augment;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.util.Arrays;

/**
 * Weights of an antialiased bilinear resize along one axis: a triangle filter as wide as the larger
 * of the two pixel sizes (the rule of PIL's {@code BILINEAR}, which the published crop uses).
 *
 * <p>Output pixel {@code i} is {@code Σ_k weight(i, k) · input[first[i] + k]} over {@code support}
 * pixels, at least two; where there is but one, the second has no weight. A weight is {@code high +
 * low / 2^lowBits}, in 1/256, the low half rounded to nearest and so of either sign; the weights of
 * a pixel sum to one exactly. Sums of low halves with bytes, or with differences of bytes, fit 16
 * bits with a sign: {@code lowBits} is 6 up to four pixels and less for more, where a byte may
 * differ from PIL's by one.
 */
final class Resample {
  private static final int HIGH_BITS = 8;
  private static final int MOST_LOW_BITS = 6;
  private static final int BYTE = 0xFF;

  final int[] first;
  final short[] high;
  final short[] low;
  final int support;
  final int lowBits;

  /** From {@code size} pixels to {@code out} pixels. */
  Resample(int size, int out) {
    double scale = (double) size / out;
    double radius = Math.max(scale, 1);
    support = Math.max(2, Math.min(size, (int) Math.ceil(2 * radius)));
    lowBits = lowBits(support);
    first = new int[out];
    high = new short[out * support];
    low = new short[out * support];
    double[] raw = new double[support];
    for (int i = 0; i < out; i++) {
      double centre = (i + 0.5) * scale;
      first[i] = Math.max(0, Math.min((int) (centre - radius + 0.5), size - support));
      double sum = 0;
      for (int k = 0; k < support; k++) {
        double distance = Math.abs(first[i] + k + 0.5 - centre);
        raw[k] = first[i] + k < size ? Math.max(0, 1 - distance / radius) : 0;
        sum += raw[k];
      }
      fix(raw, sum, i * support);
    }
  }

  private static int lowBits(int support) {
    int bits = MOST_LOW_BITS;
    while (bits > 0 && support * BYTE * (1 << bits) / 2 > Short.MAX_VALUE) {
      bits--;
    }
    return bits;
  }

  /** Rounds to fixed point; the largest weight takes the rounding error, so the sum is exact. */
  private void fix(double[] raw, double sum, int at) {
    int one = 1 << (HIGH_BITS + lowBits);
    int half = (1 << lowBits) / 2;
    int left = one;
    int largest = 0;
    int[] weights = new int[support];
    for (int k = 0; k < support; k++) {
      weights[k] = (int) Math.round(raw[k] / sum * one);
      left -= weights[k];
      largest = raw[k] > raw[largest] ? k : largest;
    }
    weights[largest] += left;
    for (int k = 0; k < support; k++) {
      high[at + k] = (short) ((weights[k] + half) >> lowBits);
      low[at + k] = (short) (weights[k] - (high[at + k] << lowBits));
    }
  }

  /**
   * Weighted sums of arrays of bytes in 16-bit lanes, {@code char}s used as unsigned numbers. These
   * loops have the shape that HotSpot turns into vector instructions: one type, one index, no
   * offsets. Widening bytes to lanes and narrowing them again is ISO 8859-1, the character set
   * whose codes are the bytes; the JDK's own converters of it are vector code too.
   *
   * <p>Weights sum to one, so a sum is the first tap and what the others differ from it, in two
   * halves: of the weights' low and of their high bits.
   */
  static final class Lanes {
    private static final int UNIT_BITS = 8;
    private static final int HALF = 128; // of a unit, before rounding down

    private final CharsetDecoder decoder = ISO_8859_1.newDecoder();
    private final CharsetEncoder encoder = ISO_8859_1.newEncoder();
    final char[][] taps;
    private final short[] lowSum;

    /** For sums of {@code support} taps of {@code count} lanes. */
    Lanes(int support, int count) {
      taps = new char[support][count];
      lowSum = new short[count];
    }

    void widen(byte[] in, int from, char[] out, int to, int count) {
      decoder
          .reset()
          .decode(ByteBuffer.wrap(in, from, count), CharBuffer.wrap(out, to, count), true);
    }

    void narrow(char[] in, byte[] out) {
      encoder.reset().encode(CharBuffer.wrap(in), ByteBuffer.wrap(out), true);
    }

    /**
     * {@code out = a + Σ (high[k] + low[k] / 2^lowBits) / 256 · (taps[k] − a)}, rounded, where a is
     * the first tap; of weights for each lane.
     */
    void sum(short[][] low, short[][] high, int lowBits, char[] out) {
      char[] a = taps[0];
      Arrays.fill(lowSum, (short) 0);
      for (int k = 1; k < taps.length; k++) {
        add(lowSum, a, taps[k], low[k]);
      }
      high(out, lowSum, lowBits, a, taps[1], high[1]);
      for (int k = 2; k < taps.length; k++) {
        add(out, a, taps[k], high[k]);
      }
      floor(out);
    }

    /** The same, of weights that all lanes share, those of output pixel {@code i}. */
    void sum(Resample of, int i, char[] out) {
      char[] a = taps[0];
      int at = i * taps.length;
      Arrays.fill(lowSum, (short) 0);
      for (int k = 1; k < taps.length; k++) {
        add(lowSum, a, taps[k], of.low[at + k]);
      }
      high(out, lowSum, of.lowBits, a, taps[1], of.high[at + 1]);
      for (int k = 2; k < taps.length; k++) {
        add(out, a, taps[k], of.high[at + k]);
      }
      floor(out);
    }

    private static void high(char[] sum, short[] low, int bits, char[] a, char[] b, short[] v) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] = (char) (HALF + (low[i] >> bits) + (a[i] << UNIT_BITS) + (b[i] - a[i]) * v[i]);
      }
    }

    private static void high(char[] sum, short[] low, int bits, char[] a, char[] b, int v) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] = (char) (HALF + (low[i] >> bits) + (a[i] << UNIT_BITS) + (b[i] - a[i]) * v);
      }
    }

    private static void add(short[] sum, char[] a, char[] b, short[] v) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] = (short) (sum[i] + (b[i] - a[i]) * v[i]);
      }
    }

    private static void add(char[] sum, char[] a, char[] b, short[] v) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] = (char) (sum[i] + (b[i] - a[i]) * v[i]);
      }
    }

    private static void add(short[] sum, char[] a, char[] b, int v) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] = (short) (sum[i] + (b[i] - a[i]) * v);
      }
    }

    private static void add(char[] sum, char[] a, char[] b, int v) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] = (char) (sum[i] + (b[i] - a[i]) * v);
      }
    }

    private static void floor(char[] sum) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] = (char) (sum[i] >>> UNIT_BITS);
      }
    }
  }
}
