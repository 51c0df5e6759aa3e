package io.tubelet.video.motion;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.video.motion.Canvas.Shape;
import io.tubelet.video.motion.Motion.Pose;
import io.tubelet.video.motion.MotionSet.Level;
import java.util.random.RandomGenerator;

/**
 * What a clip shows at first, and all that moves whatever its class: drawn without knowing the
 * class. The levels leave things out or hold them still; they draw the same numbers.
 */
final class Scene {
  /** Of two colours: the sum of the differences of their channels. */
  private static final int CONTRAST = 220;

  private final int side;
  private final Level level;
  private final Texture background;
  private final Shape body;
  private final Shape mark;
  private final Pose start;
  private final Shape distractor;
  private final Pose distractorStart;
  private final double distractorRadius;
  private final Velocity drift;
  private final Velocity stray;
  private int[] still;

  Scene(RandomGenerator random, int side, Level level) {
    this.side = side;
    this.level = level;
    int[] ground = colour(random, 50, 190);
    int[] paint = contrasting(random, ground);
    body = Shape.drawn(random, paint);
    mark = Shape.mark(random, contrasting(random, paint));
    start = Pose.drawn(random);
    distractor = Shape.drawn(random, contrasting(random, ground));
    distractorStart = Pose.drawn(random);
    distractorRadius = Motion.between(random, 0.05, 0.08);
    drift = Velocity.drawn(random);
    stray = Velocity.drawn(random);
    background =
        level == Level.EASY ? Texture.plain(side, ground) : Texture.drawn(random, side, ground);
  }

  private static int[] colour(RandomGenerator random, double low, double high) {
    int[] colour = new int[ClipGeometry.CHANNELS];
    for (int c = 0; c < colour.length; c++) {
      colour[c] = (int) Motion.between(random, low, high);
    }
    return colour;
  }

  /** A colour that is well told from another. */
  private static int[] contrasting(RandomGenerator random, int[] other) {
    while (true) {
      int[] colour = colour(random, 0, 256);
      int difference = 0;
      for (int c = 0; c < colour.length; c++) {
        difference += Math.abs(colour[c] - other[c]);
      }
      if (difference >= CONTRAST) {
        return colour;
      }
    }
  }

  /** Where the figure starts. */
  Pose start() {
    return start;
  }

  /**
   * The picture at a time, before any flicker or noise.
   *
   * @param pose of the figure, as its class has moved it
   * @return RGB {@code [side, side, channel]}, [0, 255]
   */
  int[] picture(Pose pose, int time) {
    boolean drifts = level == Level.HARD;
    if (drifts || still == null) {
      still = background.moved(drift.right() * time, drift.down() * time);
    }
    int[] picture = still.clone();
    Canvas canvas = new Canvas(side, picture);
    if (level != Level.EASY) {
      Pose strayed = drifts ? stray.after(time, distractorStart) : distractorStart;
      canvas.fill(distractor.placed(strayed, distractorRadius, side));
    }
    Pose carried = drifts ? drift.after(time, pose) : pose;
    canvas.fill(body.placed(carried, carried.radius(), side));
    canvas.fill(mark.placed(carried, carried.radius(), side));
    return picture;
  }

  /** Sides of the canvas per frame, to the right and down. */
  private record Velocity(double right, double down) {
    static Velocity drawn(RandomGenerator random) {
      double speed = Motion.between(random, 0.4, 1.2) / Motion.SIDE;
      double direction = Motion.between(random, 0, 2 * Math.PI);
      return new Velocity(speed * StrictMath.cos(direction), speed * StrictMath.sin(direction));
    }

    Pose after(int time, Pose start) {
      return start.movedBy(right * time, down * time);
    }
  }
}
