package io.tubelet.video.motion;

import io.tubelet.clip.ClipGeometry;
import java.util.random.RandomGenerator;

/**
 * Colours on a torus: a square grid of RGB values {@code [side, side, channel]} whose last row and
 * column are followed by the first ones.
 */
final class Texture {
  private static final int[] LATTICES = {4, 8, 16};
  private static final double STRENGTH = 40;

  private final int side;
  private final double[] values;

  private Texture(int side, double[] values) {
    this.side = side;
    this.values = values;
  }

  /** One colour. */
  static Texture plain(int side, int[] colour) {
    double[] values = new double[side * side * ClipGeometry.CHANNELS];
    for (int i = 0; i < values.length; i++) {
      values[i] = colour[i % ClipGeometry.CHANNELS];
    }
    return new Texture(side, values);
  }

  /**
   * Fractal noise round a colour: random values on lattices of 4, 8 and 16 points a side, each half
   * as strong as the one before.
   */
  static Texture drawn(RandomGenerator random, int side, int[] colour) {
    Texture texture = plain(side, colour);
    double strength = STRENGTH;
    for (int lattice : LATTICES) {
      double[] points = new double[lattice * lattice * ClipGeometry.CHANNELS];
      for (int i = 0; i < points.length; i++) {
        points[i] = strength * (2 * random.nextDouble() - 1);
      }
      texture.add(new Texture(lattice, points));
      strength /= 2;
    }
    return texture;
  }

  private void add(Texture coarse) {
    double scale = (double) coarse.side / side;
    double[] colour = new double[ClipGeometry.CHANNELS];
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        double y = row * scale;
        double x = column * scale;
        coarse.between((int) y, (int) x, smooth(y - (int) y), smooth(x - (int) x), colour);
        for (int c = 0; c < colour.length; c++) {
          values[(row * side + column) * colour.length + c] += colour[c];
        }
      }
    }
  }

  /** Without a kink at the points of a lattice. */
  private static double smooth(double share) {
    return share * share * (3 - 2 * share);
  }

  /** The colour a share of the way from one point to the next, down and across. */
  private void between(int row, int column, double down, double across, double[] colour) {
    int below = row + 1 == side ? 0 : row + 1;
    int beside = column + 1 == side ? 0 : column + 1;
    for (int c = 0; c < colour.length; c++) {
      int left = column * colour.length + c;
      int right = beside * colour.length + c;
      int upper = row * side * colour.length;
      int lower = below * side * colour.length;
      colour[c] =
          mix(
              mix(values[upper + left], values[upper + right], across),
              mix(values[lower + left], values[lower + right], across),
              down);
    }
  }

  private static double mix(double from, double to, double share) {
    return from + share * (to - from);
  }

  /**
   * The texture moved by {@code right} and {@code down}, in sides.
   *
   * @return RGB {@code [side, side, channel]} in [0, 255]
   */
  int[] moved(double right, double down) {
    double x = (1 - right + Math.floor(right)) * side;
    double y = (1 - down + Math.floor(down)) * side;
    int[] pixels = new int[values.length];
    double[] colour = new double[ClipGeometry.CHANNELS];
    for (int i = 0; i < side * side; i++) {
      int row = (i / side + (int) y) % side;
      int column = (i % side + (int) x) % side;
      between(row, column, y - (int) y, x - (int) x, colour);
      for (int c = 0; c < colour.length; c++) {
        pixels[i * colour.length + c] = Math.max(0, Math.min(255, (int) Math.rint(colour[c])));
      }
    }
    return pixels;
  }
}
