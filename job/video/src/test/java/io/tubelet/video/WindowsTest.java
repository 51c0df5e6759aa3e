package io.tubelet.video;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.clip.SampleSeed;
import io.tubelet.video.Windows.SamplingSpec;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WindowsTest {
  private static int[] drawn(int frames, int stride, int length) {
    SamplingSpec spec = new SamplingSpec(frames, stride, 1, 16);
    return Windows.drawn(spec, SampleSeed.of(1, 0, "video")).over(length).get(0);
  }

  private static List<Integer> evenStarts(int windows, int length) {
    SamplingSpec spec = new SamplingSpec(4, 2, windows, 16);
    return Windows.even(spec).over(length).stream().map(window -> window[0]).toList();
  }

  @Test
  void walksByTheStride() {
    int[] window = drawn(4, 3, 100);

    assertThat(window).containsExactly(window[0], window[0] + 3, window[0] + 6, window[0] + 9);
  }

  @Test
  void staysAtTheLastFrameItCanReachOfAShortVideo() {
    assertThat(drawn(8, 3, 10)).containsExactly(0, 3, 6, 9, 9, 9, 9, 9);
    assertThat(drawn(8, 3, 9)).containsExactly(0, 3, 6, 6, 6, 6, 6, 6);
    assertThat(drawn(4, 5, 1)).containsExactly(0, 0, 0, 0);
  }

  @Test
  void hasOnePositionWhereTheSpanJustFits() {
    assertThat(drawn(4, 3, 12)).containsExactly(0, 3, 6, 9);
  }

  @Test
  void startsUniformlyAtEveryPosition() {
    SamplingSpec spec = new SamplingSpec(4, 2, 9_000, 16);
    int[] seen = new int[20];
    for (int[] window : Windows.drawn(spec, SampleSeed.of(7, 0, "video")).over(16)) {
      seen[window[0]]++;
    }

    assertThat(seen).endsWith(new int[11]); // 16 - 8 + 1 = 9 positions: 0 to 8
    for (int position = 0; position < 9; position++) {
      assertThat(seen[position]).as("starts at %d", position).isBetween(870, 1_130); // 4 sigma
    }
  }

  @Test
  void drawsOneNumberPerWindowWhateverTheLength() {
    RandomGenerator random = SampleSeed.of(3, 0, "video");
    double[] expected = SampleSeed.of(3, 0, "video").doubles(4).toArray();
    Windows windows = Windows.drawn(new SamplingSpec(4, 2, 3, 16), random);
    windows.over(50);
    windows.over(5);

    assertThat(random.nextDouble()).isEqualTo(expected[3]);
  }

  @Test
  void spacesEvaluationWindowsFromTheFirstPositionToTheLast() {
    assertThat(evenStarts(3, 28)).containsExactly(0, 10, 20);
    assertThat(evenStarts(5, 17)).containsExactly(0, 2, 5, 7, 9); // over 0 to 9 in quarters
    assertThat(evenStarts(1, 28)).containsExactly(10);
    assertThat(evenStarts(3, 5)).containsExactly(0, 0, 0);
  }

  @Test
  void drawsOneFrameOfEachPartOfTheVideo() {
    SamplingSpec spec = new SamplingSpec(4, 9, 3_000, 1, true, 16);
    int[][] seen = new int[4][10];
    for (int[] window : Windows.drawn(spec, SampleSeed.of(7, 0, "video")).over(40)) {
      for (int part = 0; part < 4; part++) {
        seen[part][window[part] - 10 * part]++; // or it is in another part
      }
    }

    for (int[] part : seen) {
      assertThat(IntStream.of(part).boxed().toList()).allMatch(count -> 230 < count && count < 370);
    }
    assertThat(Windows.drawn(spec, SampleSeed.of(7, 0, "short")).over(1).get(0))
        .containsExactly(0, 0, 0, 0);
  }

  @Test
  void letsEvaluationWindowsTakeFinePartsInTurn() {
    SamplingSpec spec = new SamplingSpec(4, 9, 2, 1, true, 16);

    assertThat(Windows.even(spec).over(32))
        .containsExactly(new int[] {0, 8, 16, 24}, new int[] {4, 12, 20, 28}); // i / 4, (i + ½) / 4
  }

  @Test
  void takesAsMuchOfASpanAsTheVideoHas() {
    SamplingSpec dense = new SamplingSpec(4, 2, 1, 3, false, 16);
    assertThat(Windows.even(dense).over(25).get(0)) // 12 frames of 24, at 0 or 1
        .containsExactly(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22);
    assertThat(Windows.even(dense).over(15).get(0)).containsExactly(0, 2, 4, 6, 8, 10, 12);
    assertThat(Windows.even(dense).over(5).get(0)).containsExactly(0, 2, 4, 4); // as a window
    SamplingSpec uniform = new SamplingSpec(4, 9, 1, 3, true, 16);
    assertThat(Windows.even(uniform).over(25).get(0)) // i / 12 of it
        .containsExactly(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22);
    assertThat(Windows.drawn(uniform, SampleSeed.of(7, 0, "video")).over(7).get(0))
        .containsExactly(0, 1, 2, 3, 4, 5, 6);
    assertThat(Windows.drawn(uniform, SampleSeed.of(7, 0, "video")).over(3).get(0))
        .containsExactly(0, 1, 2);
  }

  @Test
  void laysWindowsAroundMomentsAndRepeatsTheFilmsEnds() {
    SamplingSpec spec = new SamplingSpec(4, 3, 3, 16);
    double[] seconds = {0.2, 1, 1.9};
    assertThat(Windows.around(spec, seconds).over(20, second -> (int) (10 * second)))
        .containsExactly(
            new int[] {0, 0, 2, 5}, new int[] {4, 7, 10, 13}, new int[] {13, 16, 19, 19});
    Windows drawn = Windows.drawn(spec, SampleSeed.of(7, 0, "video"));
    assertThat(drawn.over(20, second -> 0)).containsExactlyElementsOf(drawn.over(20));
  }

  @Test
  void namesEachFrameOfOverlappingWindowsOnce() {
    assertThat(Windows.distinct(List.of(new int[] {4, 6, 8}, new int[] {2, 4, 6, 6})))
        .containsExactly(2, 4, 6, 8);
  }
}
