package io.tubelet.video.motion;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.video.motion.Motion.Pose;
import io.tubelet.video.motion.MotionSet.Level;
import java.util.random.RandomGenerator;

/**
 * One clip of the motion set: an irregular figure with a mark, on a textured background beside a
 * small distractor. A pure function of its arguments.
 *
 * <p>Scene and motion are drawn from two streams, so that one index has the same first frame in all
 * ten classes.
 */
public final class MotionClip {
  private MotionClip() {}

  /**
   * Draws a clip.
   *
   * @param split names a family of clips that has none in common with another
   * @param index of the clip in its split
   * @return RGB {@code [spec.frames, spec.size, spec.size, channel]}
   */
  public static Frames render(MotionSet.Spec spec, String split, int index, MotionClass motion) {
    Scene scene = new Scene(stream(spec, split, index, "scene"), spec.size(), spec.level());
    Motion rates = Motion.drawn(stream(spec, split, index, "motion"), spec.level());
    Sensor sensor = new Sensor(stream(spec, split, index, "sensor"), spec.level());
    int frameBytes = spec.size() * spec.size() * ClipGeometry.CHANNELS;
    byte[] bytes = new byte[Math.multiplyExact(spec.frames(), frameBytes)];
    for (int time = 0; time < spec.frames(); time++) {
      Pose pose = rates.at(motion, scene.start(), time);
      sensor.expose(scene.picture(pose, time), bytes, time * frameBytes);
    }
    return new Frames(spec.frames(), spec.size(), spec.size(), bytes);
  }

  private static RandomGenerator stream(
      MotionSet.Spec spec, String split, int index, String purpose) {
    return SampleSeed.of(spec.seed(), index, "motion/" + split + "/" + purpose);
  }

  /**
   * The camera's flaws: each frame as a whole brighter or darker by up to 6 %, each value off by
   * noise of standard deviation 0 to 5.
   *
   * <p>The noise of a value is the number of ones among 32 random bits, less 16: a binomial
   * distribution of standard deviation √8, which at these strengths nobody tells from a normal one,
   * and which costs two instructions.
   */
  private static final class Sensor {
    private static final double FLICKER = 0.06;
    private static final double STRONGEST = 5;
    private static final int BITS = 32;

    /** Gain and noise are whole numbers of 1 / ONE. */
    private static final int ONE = 1 << 16;

    private final RandomGenerator random;
    private final int[] noise = new int[BITS + 1];
    private final boolean noisy;

    Sensor(RandomGenerator random, Level level) {
      this.random = random;
      this.noisy = level != Level.EASY;
      double deviation = STRONGEST * random.nextDouble();
      for (int ones = 0; ones <= BITS; ones++) {
        noise[ones] = (int) Math.rint((ones - BITS / 2) * deviation / Math.sqrt(BITS / 4.0) * ONE);
      }
    }

    /**
     * Takes the next frame.
     *
     * @param picture [0, 255], each
     * @param frames bytes {@code [picture]} are written from index {@code at}
     */
    void expose(int[] picture, byte[] frames, int at) {
      int gain = (int) Math.rint((1 + Motion.between(random, -FLICKER, FLICKER)) * ONE);
      for (int i = 0; i < picture.length; i += 2) { // an even number: the side is even
        long bits = noisy ? random.nextLong() : 0x0000_FFFF_0000_FFFFL;
        frames[at + i] = value(picture[i] * gain + noise[Integer.bitCount((int) bits)]);
        int high = (int) (bits >>> BITS);
        frames[at + i + 1] = value(picture[i + 1] * gain + noise[Integer.bitCount(high)]);
      }
    }

    private static byte value(int scaled) {
      return (byte) Math.max(0, Math.min(255, (scaled + ONE / 2) >> 16));
    }
  }
}
