package io.tubelet.augment;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Which part of a frame a sample shows; the same part in every frame of the clip. */
public sealed interface Crop extends Serializable {

  /** The part of a {@code height × width} frame for an output of {@code outHeight × outWidth}. */
  Box draw(int height, int width, int outHeight, int outWidth, RandomGenerator random);

  /**
   * The published pretraining crop: sides from {1, 0.875, 0.75, 0.66} of the short side, at most
   * one step apart, at one of 13 fixed places (arXiv 2203.12602, appendix; corners, centre, edge
   * midpoints and inner quarter points of a quarter-step lattice).
   */
  record MultiScale() implements Crop {
    private static final double[] SCALES = {1, 0.875, 0.75, 0.66};
    // a side this near to the output's becomes the output's, so that it need not be resized
    private static final int SNAP_PIXELS = 3;
    // (column, row) in quarter steps
    private static final int[][] PLACES = {
      {0, 0}, {4, 0}, {0, 4}, {4, 4}, {2, 2}, {0, 2}, {4, 2}, {2, 4}, {2, 0}, {1, 1}, {3, 1},
      {1, 3}, {3, 3}
    };

    @Override
    public Box draw(int height, int width, int outHeight, int outWidth, RandomGenerator random) {
      int base = Math.min(height, width);
      List<int[]> sizes = new ArrayList<>();
      for (int i = 0; i < SCALES.length; i++) {
        for (int j = 0; j < SCALES.length; j++) {
          if (Math.abs(i - j) <= 1) {
            sizes.add(new int[] {side(base, i, outHeight), side(base, j, outWidth)});
          }
        }
      }
      int[] size = sizes.get(random.nextInt(sizes.size()));
      int[] place = PLACES[random.nextInt(PLACES.length)];
      int columnStep = (width - size[1]) / 4;
      int rowStep = (height - size[0]) / 4;
      return new Box(place[1] * rowStep, place[0] * columnStep, size[0], size[1]);
    }

    private static int side(int base, int scale, int out) {
      int side = Math.max(1, (int) (base * SCALES[scale]));
      return Math.abs(side - out) < SNAP_PIXELS && out <= base ? out : side;
    }
  }

  /**
   * The published fine-tuning crop (arXiv 1409.4842, section 6): 0.08 to 1 of the frame's area,
   * aspect 3/4 to 4/3 with a uniform logarithm, anywhere. Where ten draws do not fit, the largest
   * centred box of an allowed aspect.
   */
  record RandomResized() implements Crop {
    private static final double LEAST_AREA = 0.08;
    private static final double LEAST_ASPECT = 3.0 / 4;
    private static final int TRIES = 10;

    @Override
    public Box draw(int height, int width, int outHeight, int outWidth, RandomGenerator random) {
      double bound = -StrictMath.log(LEAST_ASPECT);
      for (int attempt = 0; attempt < TRIES; attempt++) {
        double area = random.nextDouble(LEAST_AREA, 1) * height * width;
        double aspect = StrictMath.exp(random.nextDouble(-bound, bound));
        int boxWidth = (int) Math.round(Math.sqrt(area * aspect));
        int boxHeight = (int) Math.round(Math.sqrt(area / aspect));
        if (boxWidth > 0 && boxWidth <= width && boxHeight > 0 && boxHeight <= height) {
          int top = random.nextInt(height - boxHeight + 1);
          int left = random.nextInt(width - boxWidth + 1);
          return new Box(top, left, boxHeight, boxWidth);
        }
      }
      int boxWidth = Math.min(width, (int) Math.round(height / LEAST_ASPECT));
      int boxHeight = Math.min(height, (int) Math.round(width / LEAST_ASPECT));
      return new Box((height - boxHeight) / 2, (width - boxWidth) / 2, boxHeight, boxWidth);
    }
  }

  /**
   * The test crop: the largest box of the output's shape, at a fixed place along the side that is
   * left over, from 0, its start, to 1, its end.
   */
  record Centre(double place) implements Crop {
    /** View {@code i} of {@code n}, evenly spaced over the long side; the centre for one. */
    public static Centre view(int i, int n) {
      return new Centre(n == 1 ? 0.5 : (double) i / (n - 1));
    }

    @Override
    public Box draw(int height, int width, int outHeight, int outWidth, RandomGenerator random) {
      double scale = Math.min((double) height / outHeight, (double) width / outWidth);
      int boxHeight = Math.max(1, Math.min(height, (int) Math.round(outHeight * scale)));
      int boxWidth = Math.max(1, Math.min(width, (int) Math.round(outWidth * scale)));
      int top = (int) Math.round((height - boxHeight) * place);
      int left = (int) Math.round((width - boxWidth) * place);
      return new Box(top, left, boxHeight, boxWidth);
    }
  }

  /** The whole frame, whatever its shape. */
  record Whole() implements Crop {
    @Override
    public Box draw(int height, int width, int outHeight, int outWidth, RandomGenerator random) {
      return new Box(0, 0, height, width);
    }
  }

  record Box(int top, int left, int height, int width) {}
}
