package io.tubelet.augment;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;

/**
 * Arithmetic on arrays of 16-bit lanes, {@code char}s used as unsigned numbers. These loops have
 * the shape that HotSpot turns into vector instructions: one type, one index, no offsets. Widening
 * bytes to lanes and narrowing them again is ISO 8859-1, the character set whose codes are the
 * bytes; the JDK's own converters of it are vector code too.
 *
 * <p>A weighted sum is made in two halves, of the weights' low and of their high bits ({@link
 * Resample}): {@code low}, {@code high}, {@code add} for what either does not take at once, and
 * {@link #floor} of the whole. Where weights differ from lane to lane, the sum is the first addend
 * and what the others differ from it: there a product less is worth a difference more.
 */
final class Lanes {
  private static final int UNIT_BITS = 8;

  /** Half of a unit before {@link #floor}. */
  private static final int HALF = 128;

  private final CharsetDecoder decoder = ISO_8859_1.newDecoder();
  private final CharsetEncoder encoder = ISO_8859_1.newEncoder();

  /** Bytes to lanes in [0, 255]. */
  void widen(byte[] in, int from, char[] out, int to, int count) {
    decoder.reset().decode(ByteBuffer.wrap(in, from, count), CharBuffer.wrap(out, to, count), true);
  }

  /** Lanes in [0, 255] to bytes. */
  void narrow(char[] in, int from, byte[] out, int to, int count) {
    encoder.reset().encode(CharBuffer.wrap(in, from, count), ByteBuffer.wrap(out, to, count), true);
  }

  /** {@code sum = u · a + v · b}. */
  static void low(short[] sum, char[] a, int u, char[] b, int v) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (short) (a[i] * u + b[i] * v);
    }
  }

  /** {@code sum = u · a + v · b + w · c}. */
  static void low(short[] sum, char[] a, int u, char[] b, int v, char[] c, int w) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (short) (a[i] * u + b[i] * v + c[i] * w);
    }
  }

  /** {@code sum = ½ + low / 2^lowBits + u · a + v · b}. */
  static void high(char[] sum, short[] low, int lowBits, char[] a, int u, char[] b, int v) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (char) (HALF + (low[i] >> lowBits) + a[i] * u + b[i] * v);
    }
  }

  /** {@code sum = ½ + low / 2^lowBits + u · a + v · b + w · c}. */
  static void high(
      char[] sum, short[] low, int lowBits, char[] a, int u, char[] b, int v, char[] c, int w) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (char) (HALF + (low[i] >> lowBits) + a[i] * u + b[i] * v + c[i] * w);
    }
  }

  /** {@code sum += u · a}. */
  static void add(short[] sum, char[] a, int u) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (short) (sum[i] + a[i] * u);
    }
  }

  /** {@code sum += u · a}. */
  static void add(char[] sum, char[] a, int u) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (char) (sum[i] + a[i] * u);
    }
  }

  /** {@code sum = v · (b − a)}, a weight for each lane. */
  static void low(short[] sum, char[] a, char[] b, short[] v) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (short) ((b[i] - a[i]) * v[i]);
    }
  }

  /** {@code sum = v · (b − a) + w · (c − a)}, a weight for each lane. */
  static void low(short[] sum, char[] a, char[] b, short[] v, char[] c, short[] w) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (short) ((b[i] - a[i]) * v[i] + (c[i] - a[i]) * w[i]);
    }
  }

  /** {@code sum = ½ + low / 2^lowBits + a + v · (b − a)}, a weight for each lane. */
  static void high(char[] sum, short[] low, int lowBits, char[] a, char[] b, short[] v) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (char) (HALF + (low[i] >> lowBits) + (a[i] << UNIT_BITS) + (b[i] - a[i]) * v[i]);
    }
  }

  /** {@code sum += v · (b − a)}, a weight for each lane. */
  static void add(short[] sum, char[] a, char[] b, short[] v) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (short) (sum[i] + (b[i] - a[i]) * v[i]);
    }
  }

  /** {@code sum += v · (b − a)}, a weight for each lane. */
  static void add(char[] sum, char[] a, char[] b, short[] v) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (char) (sum[i] + (b[i] - a[i]) * v[i]);
    }
  }

  /** Units of 256, rounded down. */
  static void floor(char[] sum) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (char) (sum[i] >>> UNIT_BITS);
    }
  }
}
