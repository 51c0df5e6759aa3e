package io.tubelet.video.motion;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.clip.Frames;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** One frame does not tell the class, and a crude measure of motion does. */
class OneFrameTest {
  private static final int CLIPS = 500;
  private static final int POOLED = 8;
  private static final MotionClass[] MOTIONS = MotionClass.values();
  private static final int CLASSES = MOTIONS.length;
  private static final MotionSet.Spec SPEC = new MotionSet.Spec(11, 32, 12);

  private static double grey(Frames frames, int time, int row, int column) {
    int at =
        frames.offset(
            time, Math.floorMod(row, frames.height()), Math.floorMod(column, frames.width()));
    byte[] bytes = frames.bytes();
    return ((bytes[at] & 0xFF) + (bytes[at + 1] & 0xFF) + (bytes[at + 2] & 0xFF)) / 3.0;
  }

  private static double[] oneFrame(Frames frames) {
    int time = frames.time() / 2;
    double[] features = new double[POOLED * POOLED];
    int block = frames.height() / POOLED;
    for (int row = 0; row < frames.height(); row++) {
      for (int column = 0; column < frames.width(); column++) {
        features[row / block * POOLED + column / block] += grey(frames, time, row, column);
      }
    }
    return features;
  }

  /** Least-squares shift of the whole picture in each direction, and how much changes at all. */
  private static double[] motion(Frames frames) {
    double[] features = new double[3];
    for (int time = 1; time < frames.time(); time++) {
      double[] slopes = {1, 1};
      double[] shifts = new double[2];
      double change = 0;
      for (int row = 0; row < frames.height(); row++) {
        for (int column = 0; column < frames.width(); column++) {
          double now = grey(frames, time, row, column);
          double later = now - grey(frames, time - 1, row, column);
          double right = grey(frames, time, row, column + 1) - now;
          double down = grey(frames, time, row + 1, column) - now;
          shifts[0] -= right * later;
          shifts[1] -= down * later;
          slopes[0] += right * right;
          slopes[1] += down * down;
          change += later * later;
        }
      }
      features[0] += shifts[0] / slopes[0];
      features[1] += shifts[1] / slopes[1];
      features[2] += change / (slopes[0] + slopes[1]);
    }
    return features;
  }

  /** Share of test clips whose features lie nearest to the mean of their own class. */
  private static double accuracy(Function<Frames, double[]> features) {
    double[][] means = new double[CLASSES][];
    for (int index = 0; index < CLIPS; index++) {
      double[] of = features.apply(clip("train", index));
      double[] mean = means[index % CLASSES];
      means[index % CLASSES] = mean == null ? new double[of.length] : mean;
      for (int i = 0; i < of.length; i++) {
        means[index % CLASSES][i] += of[i] * CLASSES / CLIPS;
      }
    }
    int right = 0;
    for (int index = 0; index < CLIPS; index++) {
      right += nearest(means, features.apply(clip("test", index))) == index % CLASSES ? 1 : 0;
    }
    return (double) right / CLIPS;
  }

  private static Frames clip(String split, int index) {
    return MotionClip.render(SPEC, split, index, MOTIONS[index % CLASSES]);
  }

  private static int nearest(double[][] means, double[] features) {
    int nearest = 0;
    double least = Double.MAX_VALUE;
    for (int motion = 0; motion < means.length; motion++) {
      double distance = 0;
      for (int i = 0; i < features.length; i++) {
        distance += Math.pow(features[i] - means[motion][i], 2);
      }
      if (distance < least) {
        least = distance;
        nearest = motion;
      }
    }
    return nearest;
  }

  @Test
  void saysNothingOfTheClassWhileMotionDoes() {
    assertThat(accuracy(OneFrameTest::oneFrame)).as("one frame").isLessThan(0.15);
    assertThat(accuracy(OneFrameTest::motion)).as("motion").isGreaterThan(0.3);
  }
}
