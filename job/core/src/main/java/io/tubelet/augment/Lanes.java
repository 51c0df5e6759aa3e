package io.tubelet.augment;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.util.Arrays;

/**
 * Weighted sums of arrays of bytes in 16-bit lanes, {@code char}s used as unsigned numbers. These
 * loops have the shape that HotSpot turns into vector instructions: one type, one index, no
 * offsets. Widening bytes to lanes and narrowing them again is ISO 8859-1, the character set whose
 * codes are the bytes; the JDK's own converters of it are vector code too.
 *
 * <p>A sum is made in two halves, of the weights' low and of their high bits ({@link Resample}).
 */
final class Lanes {
  private static final int UNIT_BITS = 8;
  private static final int HALF = 128; // of a unit, before rounding down

  private final CharsetDecoder decoder = ISO_8859_1.newDecoder();
  private final CharsetEncoder encoder = ISO_8859_1.newEncoder();
  final char[][] taps;
  final short[][] low;
  final short[][] high;
  private final short[] lowSum;

  /** For sums of {@code support} taps of {@code count} lanes. */
  Lanes(int support, int count) {
    taps = new char[support][count];
    low = new short[support][count];
    high = new short[support][count];
    lowSum = new short[count];
  }

  /** Bytes to lanes in [0, 255]. */
  void widen(byte[] in, int from, char[] out, int to, int count) {
    decoder.reset().decode(ByteBuffer.wrap(in, from, count), CharBuffer.wrap(out, to, count), true);
  }

  /** Lanes in [0, 255] to bytes. */
  void narrow(char[] in, byte[] out) {
    encoder.reset().encode(CharBuffer.wrap(in), ByteBuffer.wrap(out), true);
  }

  /** {@code out = Σ (high[k] + low[k] / 2^lowBits) · taps[k]}, rounded, in units of 256. */
  void sum(int lowBits, char[] out) {
    Arrays.fill(lowSum, (short) 0);
    for (int k = 0; k < taps.length; k++) {
      add(lowSum, taps[k], low[k]);
    }
    half(out, lowSum, lowBits);
    for (int k = 0; k < taps.length; k++) {
      add(out, taps[k], high[k]);
    }
    floor(out);
  }

  private static void half(char[] sum, short[] low, int lowBits) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (char) (HALF + (low[i] >> lowBits));
    }
  }

  private static void add(short[] sum, char[] a, short[] weights) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (short) (sum[i] + a[i] * weights[i]);
    }
  }

  private static void add(char[] sum, char[] a, short[] weights) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (char) (sum[i] + a[i] * weights[i]);
    }
  }

  private static void floor(char[] sum) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (char) (sum[i] >>> UNIT_BITS);
    }
  }
}
