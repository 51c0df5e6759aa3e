package io.tubelet.video.motion;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.video.motion.Motion.View;
import java.util.random.RandomGenerator;

/**
 * One clip of the motion set: a camera that moves over a scene, with noise of standard deviation 2.
 * A pure function of its arguments.
 *
 * <p>Scene and motion are drawn from two streams: one index has the same first frame in all
 * classes.
 */
public final class MotionClip {
  /** Of the noise: the number of ones among 16 random bits, less 8, has a deviation of 2. */
  private static final int BITS = 16;

  private MotionClip() {}

  /**
   * Draws the clip of an index in its split, a family of clips that has none in common with
   * another: RGB {@code [spec.frames, spec.size, spec.size, channel]}.
   */
  public static Frames render(MotionSet.Spec spec, String split, int index, MotionClass motion) {
    RandomGenerator random = stream(spec, split, index, "scene");
    View start = View.drawn(random);
    // a camera's largest section has a diagonal of 2.3 sizes: nothing is seen twice
    Scene scene = Scene.drawn(random, spec.size() * 12 / 5);
    Motion rates = Motion.drawn(stream(spec, split, index, "motion"), 1);
    return film(
        spec,
        stream(spec, split, index, "noise"),
        (time, picture) -> scene.take(rates.at(motion, start, time), spec.size(), picture));
  }

  /** Paints the frame of a time, RGB {@code [size, size, channel]}, about [0, 255]. */
  interface Painter {
    void paint(int time, float[] picture);
  }

  /** What is painted, with noise. */
  static Frames film(MotionSet.Spec spec, RandomGenerator noise, Painter painter) {
    float[] picture = new float[spec.size() * spec.size() * ClipGeometry.CHANNELS];
    byte[] bytes = new byte[Math.multiplyExact(spec.frames(), picture.length)];
    long bits = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (i % picture.length == 0) {
        painter.paint(i / picture.length, picture);
      }
      bits = i % (Long.SIZE / BITS) == 0 ? noise.nextLong() : bits >>> BITS;
      int off = Long.bitCount(bits & 0xFFFF) - BITS / 2;
      bytes[i] = Frames.clipped(Math.round(picture[i % picture.length]) + off);
    }
    return new Frames(spec.frames(), spec.size(), spec.size(), bytes);
  }

  private static RandomGenerator stream(
      MotionSet.Spec spec, String split, int index, String purpose) {
    return SampleSeed.of(spec.seed(), index, "motion/" + split + "/" + purpose);
  }
}
