package io.tubelet.video.motion;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.video.motion.Motion.View;
import java.util.random.RandomGenerator;

/**
 * A square picture on a torus: what leaves at one edge comes in at the opposite one. Fractal noise
 * (random colours on ever finer lattices, with smooth transitions between their points) and on it
 * some ellipses with soft edges.
 *
 * @param side rows and columns
 * @param values RGB {@code [side, side, channel]}, about [0, 255]
 */
record Scene(int side, float[] values) {
  private static final int CHANNELS = ClipGeometry.CHANNELS;
  private static final int[] LATTICES = {4, 8, 16, 32};

  /** Of the coarsest lattice; each finer one is weaker by {@link #FALL}. */
  private static final double STRENGTH = 50;

  private static final double FALL = 0.75;
  private static final double OPACITY = 0.8;

  static Scene drawn(RandomGenerator random, int side) {
    Scene scene = new Scene(side, new float[side * side * CHANNELS]);
    double[] mix = new double[CHANNELS * CHANNELS]; // channels go together, as in real pictures
    for (int i = 0; i < mix.length; i++) {
      mix[i] = Motion.between(random, -1, 1);
    }
    scene.add(1, new float[] {level(random), level(random), level(random)});
    double strength = STRENGTH;
    for (int lattice : LATTICES) {
      scene.add(lattice, colours(random, lattice * lattice, mix, strength));
      strength *= FALL;
    }
    int ellipses = 10 + (int) (10 * random.nextDouble());
    for (int i = 0; i < ellipses; i++) {
      scene.ellipse(random);
    }
    return scene;
  }

  private static float level(RandomGenerator random) {
    return (float) Motion.between(random, 88, 168);
  }

  private static float[] colours(RandomGenerator random, int count, double[] mix, double strength) {
    float[] colours = new float[count * CHANNELS];
    for (int i = 0; i < colours.length; i += CHANNELS) {
      for (int from = 0; from < CHANNELS; from++) {
        double part = strength * Motion.between(random, -1, 1);
        for (int c = 0; c < CHANNELS; c++) {
          colours[i + c] += (float) (part * mix[from * CHANNELS + c]);
        }
      }
    }
    return colours;
  }

  /** Adds colours that are known at {@code cells} x {@code cells} points. */
  private void add(int cells, float[] colours) {
    Scene coarse = new Scene(cells, colours);
    float[] colour = new float[CHANNELS];
    for (int i = 0; i < side * side; i++) {
      int row = i / side;
      double y = (double) row * cells / side;
      double x = (double) (i % side) * cells / side;
      coarse.between((int) y, (int) x, smooth(y - (int) y), smooth(x - (int) x), colour);
      for (int c = 0; c < CHANNELS; c++) {
        values[i * CHANNELS + c] += colour[c];
      }
    }
  }

  /** Without a kink at the points of a lattice. */
  private static double smooth(double share) {
    return share * share * (3 - 2 * share);
  }

  /** The colour a share of the way from one point to the next, down and across. */
  private void between(int row, int column, double down, double across, float[] colour) {
    int upper = row * side;
    int lower = row + 1 == side ? 0 : upper + side;
    int beside = column + 1 == side ? 0 : column + 1;
    for (int c = 0; c < CHANNELS; c++) {
      float leftUpper = values[(upper + column) * CHANNELS + c];
      float leftLower = values[(lower + column) * CHANNELS + c];
      double left = leftUpper + down * (leftLower - leftUpper);
      float rightUpper = values[(upper + beside) * CHANNELS + c];
      float rightLower = values[(lower + beside) * CHANNELS + c];
      double right = rightUpper + down * (rightLower - rightUpper);
      colour[c] = (float) (left + across * (right - left));
    }
  }

  private void ellipse(RandomGenerator random) {
    double x = side * random.nextDouble();
    double y = side * random.nextDouble();
    double length = side * Motion.between(random, 0.05, 0.16);
    double width = side * Motion.between(random, 0.05, 0.16);
    double angle = Motion.between(random, 0, Math.PI);
    double cos = StrictMath.cos(angle);
    double sin = StrictMath.sin(angle);
    double[] colour = {random.nextDouble(), random.nextDouble(), random.nextDouble()};
    int reach = (int) Math.max(length, width) + 2;
    for (int row = (int) y - reach; row <= y + reach; row++) {
      for (int column = (int) x - reach; column <= x + reach; column++) {
        double along = ((column - x) * cos + (row - y) * sin) / length;
        double beside = ((row - y) * cos - (column - x) * sin) / width;
        double inside = (1 - Math.sqrt(along * along + beside * beside)) * Math.min(length, width);
        double share = OPACITY * Math.max(0, Math.min(1, inside + 0.5)); // an edge a pixel wide
        int at = (Math.floorMod(row, side) * side + Math.floorMod(column, side)) * CHANNELS;
        for (int c = 0; c < CHANNELS; c++) {
          values[at + c] += (float) (share * (255 * colour[c] - values[at + c]));
        }
      }
    }
  }

  /**
   * What a camera sees, between points in proportion to how near they are.
   *
   * @param picture RGB {@code [size, size, channel]}, written
   */
  void take(View view, int size, float[] picture) {
    double cos = StrictMath.cos(view.angle()) * view.step();
    double sin = StrictMath.sin(view.angle()) * view.step();
    double middle = (size - 1) / 2.0;
    float[] colour = new float[CHANNELS];
    for (int i = 0; i < size * size; i++) {
      int line = i / size;
      double down = line - middle;
      double right = i % size - middle;
      double x = view.x() * side + right * cos - down * sin;
      double y = view.y() * side + right * sin + down * cos;
      at(y, x, colour);
      System.arraycopy(colour, 0, picture, i * CHANNELS, CHANNELS);
    }
  }

  /** The colour at a place of any row and column, between points. */
  void at(double y, double x, float[] colour) {
    int column = (int) Math.floor(x);
    int row = (int) Math.floor(y);
    between(Math.floorMod(row, side), Math.floorMod(column, side), y - row, x - column, colour);
  }
}
