package io.tubelet.video.motion;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.detect.Box;
import io.tubelet.detect.KeyFrame;
import io.tubelet.detect.KeyFrame.Person;
import io.tubelet.video.motion.Motion.View;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A film of the detection set: textured ellipses, each of which moves in one of the ways of {@link
 * MotionClass}, over a ground that moves as well. A pure function of the arguments.
 *
 * <p>A figure's place is uniform on a torus that is larger than the frame by a figure on every
 * side: it leaves the frame as a whole before it comes in again. Angle and size are uniform too, so
 * that one frame says nothing of a figure's class, as in the motion set.
 */
public final class FigureFilm {
  /** Frames from one key frame to the next: one second. */
  public static final int RATE = 12;

  private static final int FIGURES = 4;

  /** Of a figure of middle size, along its longer axis; in sides of the frame. */
  private static final double RADIUS = 0.25;

  private final MotionSet.Spec spec;
  private final String split;
  private final int index;
  private final List<Figure> figures = new ArrayList<>();

  /** An ellipse in points of its texture, whose middle is at point (0, 0). */
  private record Figure(
      MotionClass motion, Motion rates, View start, double angle, double flat, Scene texture) {}

  /** Film of an index, from 0, in its split; it has the class of each figure drawn. */
  public FigureFilm(MotionSet.Spec spec, String split, int index) {
    this.spec = spec;
    this.split = split;
    this.index = index;
    for (int k = 0; k < FIGURES; k++) {
      RandomGenerator random = stream("figure" + k);
      View drawn = View.drawn(random);
      figures.add(
          new Figure(
              MotionClass.of(stream("class" + k).nextInt(MotionClass.values().length)),
              Motion.drawn(random, 1.5),
              new View(drawn.x(), drawn.y(), 0, drawn.scale()),
              drawn.angle(),
              Motion.between(random, 0.65, 0.9),
              Scene.drawn(random, spec.size() * 3 / 4)));
    }
  }

  RandomGenerator stream(String purpose) {
    return SampleSeed.of(spec.seed(), index, "figures/" + split + "/" + purpose);
  }

  /** The film's name in AVA's files. */
  public String video() {
    return "%s-%04d".formatted(split, index + 1);
  }

  /** RGB {@code [spec.frames, spec.size, spec.size, channel]}. */
  public Frames frames() {
    return frames(FIGURES);
  }

  /** With the lowest figures only: later ones are painted over earlier ones. */
  Frames frames(int count) {
    RandomGenerator random = stream("ground");
    View start = View.drawn(random);
    Scene ground = Scene.drawn(random, spec.size() * 12 / 5);
    Motion rates = Motion.drawn(random, 0.5);
    MotionClass motion = MotionClass.of(random.nextInt(MotionClass.values().length));
    int[] owners = new int[spec.size() * spec.size()];
    return MotionClip.film(
        spec,
        stream("noise"),
        (time, picture) -> {
          ground.take(rates.at(motion, start, time), spec.size(), picture);
          for (int k = 0; k < count; k++) {
            paint(k, time, picture, owners);
          }
        });
  }

  /**
   * The figures at each second but the first, of which at least half is to be seen: in the frame
   * and not under another one. A box has the part that is in the frame.
   */
  public List<Person> persons() {
    List<Person> persons = new ArrayList<>();
    int pixels = spec.size() * spec.size();
    float[] picture = new float[pixels * ClipGeometry.CHANNELS];
    for (int second = 1; second * RATE < spec.frames(); second++) {
      int[] owners = new int[pixels];
      int[][] extents = new int[FIGURES][];
      for (int k = 0; k < FIGURES; k++) {
        extents[k] = paint(k, second * RATE, picture, owners);
      }
      for (int k = 0; k < FIGURES; k++) {
        int owner = k + 1;
        long seen = Arrays.stream(owners).filter(o -> o == owner).count();
        int[] at = extents[k];
        if (2 * seen >= at[4]) {
          double side = spec.size();
          Box box = new Box(at[0] / side, at[1] / side, at[2] / side, at[3] / side);
          int action = figures.get(k).motion.id();
          persons.add(new Person(new KeyFrame(video(), second), box, k, List.of(action)));
        }
      }
    }
    return persons;
  }

  /**
   * Paints a figure, and marks its pixels with its number from 1.
   *
   * @return left, top, right and bottom edge of what is in the frame, and pixels in and outside it
   */
  private int[] paint(int k, int time, float[] picture, int[] owners) {
    Figure figure = figures.get(k);
    View view = figure.rates.at(figure.motion, figure.start, time);
    int size = spec.size();
    double radius = RADIUS * size;
    double reach = radius / 0.7; // of the largest
    double x = (size + 2 * reach) * (Math.ceil(view.x()) - view.x()) - reach;
    double y = (size + 2 * reach) * (Math.ceil(view.y()) - view.y()) - reach;
    double cos = StrictMath.cos(view.angle() + figure.angle) * view.step();
    double sin = StrictMath.sin(view.angle() + figure.angle) * view.step();
    float[] colour = new float[ClipGeometry.CHANNELS];
    int[] extent = {size, size, 0, 0, 0};
    for (int row = (int) (y - reach) - 1; row <= y + reach; row++) {
      for (int column = (int) (x - reach) - 1; column <= x + reach; column++) {
        double across = (column - x) * cos - (row - y) * sin;
        double down = (column - x) * sin + (row - y) * cos;
        double tall = down / figure.flat;
        if (across * across + tall * tall <= radius * radius) {
          extent[4]++;
          if (row >= 0 && row < size && column >= 0 && column < size) {
            figure.texture.at(down, across, colour);
            int pixel = row * size + column;
            System.arraycopy(colour, 0, picture, pixel * colour.length, colour.length);
            owners[pixel] = k + 1;
            extent[0] = Math.min(extent[0], column);
            extent[1] = Math.min(extent[1], row);
            extent[2] = Math.max(extent[2], column + 1);
            extent[3] = Math.max(extent[3], row + 1);
          }
        }
      }
    }
    return extent;
  }
}
