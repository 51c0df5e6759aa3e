package io.tubelet.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tubelet.augment.Flip.Axis;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.detect.Box;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FlipTest {
  private static final Map<String, String> TURNS = Map.of("left", "right", "right", "left");

  /** Two frames of two rows and three columns; the red of a pixel is its place in the clip. */
  private static Frames clip() {
    byte[] bytes = new byte[2 * 2 * 3 * 3];
    for (int i = 0; i < 12; i++) {
      bytes[3 * i] = (byte) i;
      bytes[3 * i + 1] = 100;
      bytes[3 * i + 2] = (byte) -i;
    }
    return new Frames(2, 2, 3, bytes);
  }

  private static int[] reds(Frames clip) {
    return IntStream.range(0, 12).map(i -> clip.bytes()[3 * i]).toArray();
  }

  private static Augmentation augmentation(Flip... flips) {
    return new Augmentation(new Crop.Centre(0.5), flips);
  }

  @Test
  void turnsColumnsRowsOrFramesRound() {
    assertThat(reds(Flip.of(Axis.COLUMNS).apply(clip())))
        .containsExactly(2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9);
    assertThat(reds(Flip.of(Axis.ROWS).apply(clip())))
        .containsExactly(3, 4, 5, 0, 1, 2, 9, 10, 11, 6, 7, 8);
    assertThat(reds(Flip.of(Axis.FRAMES).apply(clip())))
        .containsExactly(6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5);
  }

  @Test
  void turnsSquareFramesRoundTheirDiagonal() {
    Frames square = new Frames(1, 2, 2, new byte[] {0, 5, 6, 1, 5, 6, 2, 5, 6, 3, 5, 6});
    Frames turned = Flip.of(Axis.DIAGONAL).apply(square);
    assertThat(turned.bytes()).containsExactly(0, 5, 6, 2, 5, 6, 1, 5, 6, 3, 5, 6);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Flip.of(Axis.DIAGONAL).apply(clip()))
        .withMessageContaining("2 x 3");
  }

  @ParameterizedTest
  @EnumSource(names = "DIAGONAL", mode = EnumSource.Mode.EXCLUDE)
  void givesTheClipBackIfDoneTwiceAndKeepsEachPixelsChannels(Axis axis) {
    Frames once = Flip.of(axis).apply(clip());
    byte[] pixel = Arrays.copyOf(once.bytes(), 3);
    assertThat(pixel).containsExactly(pixel[0], (byte) 100, (byte) -pixel[0]);
    assertThat(Flip.of(axis).apply(once)).isEqualTo(clip());
  }

  @Test
  void flipsABoxAndFlipsItBack() {
    Flip mirror = Flip.of(Axis.COLUMNS);
    Box box = new Box(0.125, 0.5, 0.375, 0.75);
    assertThat(mirror.box(box)).isEqualTo(new Box(0.625, 0.5, 0.875, 0.75));
    assertThat(mirror.box(mirror.box(box))).isEqualTo(box);
  }

  @Test
  void swapsTheClassesThatChangePlaces() {
    Flip mirror = new Flip(Axis.COLUMNS, TURNS);
    assertThat(List.of("left", "right", "up"))
        .extracting(mirror::label)
        .containsExactly("right", "left", "up");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Flip(Axis.COLUMNS, Map.of("left", "right")))
        .withMessageContaining("'left' becomes 'right'");
  }

  @Test
  void drawsEachReflectionForHalfOfTheSamplesAndTheLabelWithThePixels() {
    ClipGeometry geometry = new ClipGeometry(2, 2, 3, 1, 1);
    Augmentation both =
        augmentation(
            new Flip(Axis.COLUMNS, TURNS),
            new Flip(Axis.FRAMES, Map.of("up", "down", "down", "up")));
    int[] seen = new int[4];
    for (int i = 0; i < 400; i++) {
      int first = both.apply(clip(), geometry, 1, 2, "clip" + i).bytes()[0];
      boolean mirrored = first % 3 == 2;
      boolean backwards = first >= 6;
      assertThat(first).isEqualTo((mirrored ? 2 : 0) + (backwards ? 6 : 0));
      assertThat(both.label("left", 1, 2, "clip" + i)).isEqualTo(mirrored ? "right" : "left");
      assertThat(both.label("up", 1, 2, "clip" + i)).isEqualTo(backwards ? "down" : "up");
      seen[(mirrored ? 1 : 0) + (backwards ? 2 : 0)]++;
    }
    assertThat(IntStream.of(seen)).allSatisfy(count -> assertThat(count).isBetween(70, 130));
  }

  /**
   * A training is known by how its settings are written, also to a process that goes on with it.
   */
  @Test
  void isWrittenInOneOrder() {
    Flip mirror = new Flip(Axis.ROWS, Map.of("b", "a", "d", "c", "a", "b", "c", "d"));
    assertThat(mirror).hasToString("Flip[axis=ROWS, swaps={a=b, b=a, c=d, d=c}]");
  }
}
