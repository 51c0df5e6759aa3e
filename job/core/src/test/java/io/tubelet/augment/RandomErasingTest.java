package io.tubelet.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.augment.Augmentation.RandomErasing;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

class RandomErasingTest {
  // no value of the clip is likely to be drawn everywhere, so a changed pixel is an erased one
  private static final Frames CLIP = new Frames(3, 40, 50, new byte[3 * 40 * 50 * 3]);

  private static Frames erase(double probability, int clip) {
    return new RandomErasing(probability).apply(CLIP, SampleSeed.of(1, 0, "clip" + clip, "erase"));
  }

  private static BitSet erased(Frames frames, int time) {
    BitSet pixels = new BitSet();
    for (int i = 0; i < 40 * 50; i++) {
      int at = frames.offset(time, 0, i);
      int sum = frames.bytes()[at] | frames.bytes()[at + 1] | frames.bytes()[at + 2];
      pixels.set(i, sum != 0);
    }
    return pixels;
  }

  @Test
  void erasesOneBoxOfEveryFrameWithFreshNoise() {
    for (int clip = 0; clip < 100; clip++) {
      Frames frames = erase(1, clip);
      BitSet first = erased(frames, 0);
      double share = first.cardinality() / 2000.0;
      // rounding of the sides moves the area a little
      assertThat(share).isBetween(0.015, 0.36);
      assertThat(erased(frames, 1)).isEqualTo(first);
      int top = first.nextSetBit(0) / 50;
      int left = first.stream().map(i -> i % 50).min().orElseThrow();
      int right = first.stream().map(i -> i % 50).max().orElseThrow();
      int bottom = (first.length() - 1) / 50;
      assertThat(first.cardinality()).isEqualTo((bottom - top + 1) * (right - left + 1));
      int at = frames.offset(0, top, left);
      byte[] bytes = frames.bytes();
      int next = at + frames.offset(1, 0, 0);
      assertThat(new int[] {bytes[at], bytes[at + 3], bytes[at + 4]})
          .isNotEqualTo(new int[] {bytes[next], bytes[next + 3], bytes[next + 4]});
    }
  }

  @Test
  void drawsNoiseThatNormalisesToMeanZeroAndDeviationOne() {
    double sum = 0;
    double squares = 0;
    long count = 0;
    for (int clip = 0; clip < 200; clip++) {
      Frames frames = erase(1, clip);
      for (int pixel : erased(frames, 0).stream().toArray()) {
        int red = frames.bytes()[frames.offset(0, 0, pixel)] & 0xFF;
        double normal = (red / 255.0 - 0.485) / 0.229;
        sum += normal;
        squares += normal * normal;
        count++;
      }
    }
    double mean = sum / count;
    assertThat(mean).isCloseTo(0, within(0.03));
    // cut to bytes at -2.1 and 2.2
    assertThat(Math.sqrt(squares / count - mean * mean)).isCloseTo(0.97, within(0.03));
  }

  @Test
  void erasesAsOftenAsAskedAndTheSameForTheSameNames() {
    int untouched = 0;
    for (int clip = 0; clip < 1000; clip++) {
      untouched += erase(0.25, clip).equals(CLIP) ? 1 : 0;
    }
    assertThat(untouched).isBetween(710, 790);
    assertThat(Picture.crc(erase(1, 7))).isEqualTo("d72d908d");
  }
}
