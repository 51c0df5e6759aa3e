package io.tubelet.video.motion;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
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
  public static Frames render(MotionSpec spec, String split, int index, MotionClass motion) {
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

  private static RandomGenerator stream(MotionSpec spec, String split, int index, String purpose) {
    return SampleSeed.of(spec.seed(), index, "motion/" + split + "/" + purpose);
  }
}
