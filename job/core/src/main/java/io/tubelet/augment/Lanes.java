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
 * Resample}): {@link #low} and {@link #high} of two addends, {@link #add} of each further one to
 * either, and {@link #floor} of the whole.
 */
final class Lanes {
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

  /** {@code sum = a · u + b · v}, lane by lane. */
  static void low(char[] sum, char[] a, char[] u, char[] b, char[] v) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (char) (a[i] * u[i] + b[i] * v[i]);
    }
  }

  /** {@code sum = ½ + low / 2^lowBits + a · u + b · v}, lane by lane. */
  static void high(char[] sum, char[] low, int lowBits, char[] a, char[] u, char[] b, char[] v) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (char) (HALF + (low[i] >>> lowBits) + a[i] * u[i] + b[i] * v[i]);
    }
  }

  /** {@code sum += a · u}, lane by lane. */
  static void add(char[] sum, char[] a, char[] u) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (char) (sum[i] + a[i] * u[i]);
    }
  }

  /** As {@link #low(char[], char[], char[], char[], char[])}, the weights the same in all lanes. */
  static void low(char[] sum, char[] a, int u, char[] b, int v) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (char) (a[i] * u + b[i] * v);
    }
  }

  /** {@code sum = ½ + low / 2^lowBits + a · u + b · v}, the weights the same in all lanes. */
  static void high(char[] sum, char[] low, int lowBits, char[] a, int u, char[] b, int v) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (char) (HALF + (low[i] >>> lowBits) + a[i] * u + b[i] * v);
    }
  }

  /** {@code sum += a · u} with a weight that is the same in all lanes. */
  static void add(char[] sum, char[] a, int u) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (char) (sum[i] + a[i] * u);
    }
  }

  /** Units of 256, rounded down. */
  static void floor(char[] sum) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (char) (sum[i] >>> 8);
    }
  }
}
