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
 */
final class Lanes {
  /** Half of a unit before {@link #round}. */
  static final int HALF = 128;

  /** Addends of {@link #blend}. */
  static final int TAPS = 3;

  private final CharsetDecoder decoder = ISO_8859_1.newDecoder();
  private final CharsetEncoder encoder = ISO_8859_1.newEncoder();

  /** Bytes to lanes in [0, 255]. */
  void widen(byte[] in, int from, char[] out, int count) {
    decoder.reset().decode(ByteBuffer.wrap(in, from, count), CharBuffer.wrap(out, 0, count), true);
  }

  /** Lanes in [0, 255] to bytes. */
  void narrow(char[] in, byte[] out, int to, int count) {
    encoder.reset().encode(CharBuffer.wrap(in, 0, count), ByteBuffer.wrap(out, to, count), true);
  }

  /** {@code sum = start + a · u + b · v + c · w}, lane by lane. */
  static void blend(
      char[] sum, int start, char[] a, char[] u, char[] b, char[] v, char[] c, char[] w) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (char) (start + a[i] * u[i] + b[i] * v[i] + c[i] * w[i]);
    }
  }

  /** {@code sum += a · u}, lane by lane. */
  static void add(char[] sum, char[] a, char[] u) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (char) (sum[i] + a[i] * u[i]);
    }
  }

  /** {@code sum = start + a · u + b · v + c · w} with weights that are the same in all lanes. */
  static void blend(char[] sum, int start, char[] a, int u, char[] b, int v, char[] c, int w) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (char) (start + a[i] * u + b[i] * v + c[i] * w);
    }
  }

  /** {@code sum += a · u} with a weight that is the same in all lanes. */
  static void add(char[] sum, char[] a, int u) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (char) (sum[i] + a[i] * u);
    }
  }

  /** {@code out = (high + low / 2^lowBits) / 256}, rounded down. */
  static void round(char[] high, char[] low, int lowBits, char[] out) {
    for (int i = 0; i < out.length; i++) {
      high[i] = (char) (high[i] + (low[i] >>> lowBits));
    }
    for (int i = 0; i < out.length; i++) {
      out[i] = (char) (high[i] >>> 8);
    }
  }
}
