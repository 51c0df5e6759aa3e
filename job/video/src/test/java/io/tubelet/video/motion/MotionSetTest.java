package io.tubelet.video.motion;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.clip.Frames;
import io.tubelet.video.Decoded;
import io.tubelet.video.Decoding.DecodeLimits;
import io.tubelet.video.InThread;
import io.tubelet.video.Sources;
import io.tubelet.video.Windows;
import io.tubelet.video.Windows.SamplingSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class MotionSetTest {
  private static final MotionSet.Spec SPEC = new MotionSet.Spec(5, 32, 8);
  private static final MotionSet.Counts COUNTS = new MotionSet.Counts(2, 1, 12);

  private static final MotionSet SET = new MotionSet(SPEC, COUNTS);

  private static SyntheticSet.Item item(String name) {
    return SET.items().stream().filter(i -> i.name().equals(name)).findFirst().orElseThrow();
  }

  private static Frames decode(String name) {
    Decoded decoded =
        new InThread()
            .decode(
                Sources.of(name, SET.file(item(name))),
                Windows.even(new SamplingSpec(8, 1, 1, 32)),
                DecodeLimits.DEFAULT);
    assertThat(decoded).isInstanceOf(Decoded.Clips.class);
    assertThat(((Decoded.Clips) decoded).info().frames()).isEqualTo(8);
    return ((Decoded.Clips) decoded).windows().get(0);
  }

  /** Mean absolute difference of two clips' values. */
  static double difference(Frames one, Frames other) {
    long sum = 0;
    for (int i = 0; i < one.bytes().length; i++) {
      sum += Math.abs((one.bytes()[i] & 0xFF) - (other.bytes()[i] & 0xFF));
    }
    return (double) sum / one.bytes().length;
  }

  @Test
  void holdsAsManyClipsOfEveryClass() {
    List<String> names = SET.items().stream().map(SyntheticSet.Item::name).toList();
    assertThat(names).hasSize(20 + 10 + 12).doesNotHaveDuplicates();
    for (MotionClass motion : MotionClass.values()) {
      assertThat(names)
          .contains("train/%s/0001.mp4".formatted(motion.label()))
          .contains("train/%s/0002.mp4".formatted(motion.label()))
          .contains("test/%s/0001.mp4".formatted(motion.label()));
    }
    assertThat(names).contains("unlabelled/00001.mp4", "unlabelled/00012.mp4");
  }

  @Test
  void storesTheClipsThatAreDrawn() {
    Frames labelled = decode("train/shake/0002.mp4");
    Frames unlabelled = decode("unlabelled/00012.mp4");

    assertThat(difference(labelled, MotionClip.render(SPEC, "train", 19, MotionClass.SHAKE)))
        .isLessThan(9);
    double drawn = difference(unlabelled, render(11, MotionClass.LEFT));
    assertThat(drawn).isLessThan(9);
    assertThat(difference(unlabelled, render(11, MotionClass.RIGHT))).isGreaterThan(1.1 * drawn);
    assertThat(difference(unlabelled, render(1, MotionClass.LEFT))).isGreaterThan(2 * drawn);
  }

  private static Frames render(int index, MotionClass motion) {
    return MotionClip.render(SPEC, "unlabelled", index, motion);
  }

  @Test
  void hasTheSameBytesEachTime() {
    for (SyntheticSet.Item item : SET.items()) {
      assertThat(SET.file(item)).isEqualTo(new MotionSet(SPEC, COUNTS).file(item));
    }
  }
}
