package io.tubelet.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.SampleSeed;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BoxTest {
  private static final Box BOX = new Box(0.25, 0.5, 0.75, 0.75);

  private static void assertSame(Box one, double x1, double y1, double x2, double y2) {
    assertThat(one.x1()).as("x1").isCloseTo(x1, within(1e-12));
    assertThat(one.y1()).as("y1").isCloseTo(y1, within(1e-12));
    assertThat(one.x2()).as("x2").isCloseTo(x2, within(1e-12));
    assertThat(one.y2()).as("y2").isCloseTo(y2, within(1e-12));
  }

  @Test
  void overlapsByIntersectionOverUnion() {
    assertThat(BOX.iou(BOX)).isEqualTo(1);
    assertThat(BOX.iou(new Box(0, 0, 0.25, 1))).isZero(); // they touch
    assertThat(BOX.iou(new Box(0.5, 0.25, 1, 0.75))).isCloseTo(0.0625 / 0.3125, within(1e-12));
  }

  @Test
  void growsOnAllSidesAndEndsAtTheFrame() {
    assertSame(BOX.enlarge(0.1, 0.05), 0.225, 0.49375, 0.775, 0.75625);
    assertSame(new Box(0, 0.9, 0.5, 1).enlarge(0.2, 0.2), 0, 0.89, 0.55, 1);
  }

  @Test
  void movesEachSideWithinItsShareAndEnlargesOnAverage() {
    RandomGenerator random = SampleSeed.of(1, 0, "jitter");
    double width = 0;
    double height = 0;
    for (int i = 0; i < 4000; i++) {
      Box box = BOX.jitter(random);
      assertThat(box.x1()).isBetween(0.25 - 0.5 * 0.2, 0.25 + 0.5 * 0.1);
      assertThat(box.x2()).isBetween(0.75 - 0.5 * 0.1, 0.75 + 0.5 * 0.2);
      assertThat(box.y1()).isBetween(0.5 - 0.25 * 0.1, 0.5 + 0.25 * 0.05);
      assertThat(box.y2()).isBetween(0.75 - 0.25 * 0.05, 0.75 + 0.25 * 0.1);
      width += box.width() / 4000;
      height += box.height() / 4000;
    }
    // 4 sigma of a mean of 4000 sums of two uniform draws
    assertThat(width).isCloseTo(BOX.enlarge(0.1, 0.05).width(), within(0.004));
    assertThat(height).isCloseTo(BOX.enlarge(0.1, 0.05).height(), within(0.001));
    assertThat(BOX.jitter(SampleSeed.of(1, 7, "jitter")))
        .isEqualTo(BOX.jitter(SampleSeed.of(1, 7, "jitter")));
  }

  @ParameterizedTest
  @CsvSource({"-0.001,0,1,1", "0,0,1.001,1", "0.5,0,0.5,1", "0,0.6,1,0.5", "NaN,0,1,1"})
  void refusesWhatIsNoPartOfAFrame(double x1, double y1, double x2, double y2) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Box(x1, y1, x2, y2))
        .withMessage(
            "box (%s, %s, %s, %s): wants 0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1", x1, y1, x2, y2);
  }

  @Test
  void clipsToTheFrame() {
    assertThat(Box.clip(-0.5, 0.5, 0.5, 1.5)).isEqualTo(new Box(0, 0.5, 0.5, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> Box.clip(1, 0, 2, 1));
  }
}
