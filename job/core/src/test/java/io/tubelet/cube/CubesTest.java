package io.tubelet.cube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.masking.Mask;
import io.tubelet.masking.Masking.RandomMasking;
import java.util.List;
import org.junit.jupiter.api.Test;

class CubesTest {
  private static final ClipGeometry GEOMETRY = new ClipGeometry(4, 4, 6, 2, 2);

  private static Frames noise(ClipGeometry g) {
    byte[] bytes = new byte[g.clipBytes()];
    SampleSeed.of(1, 0, "noise").nextBytes(bytes);
    return new Frames(g.frames(), g.height(), g.width(), bytes);
  }

  @Test
  void laysPixelsOutFrameRowColumnChannel() {
    Frames frames = noise(GEOMETRY);
    byte[] cubes = new byte[GEOMETRY.clipBytes()];
    Cubes.cut(frames, GEOMETRY, Mask.none(GEOMETRY.tokens()).order(), cubes, 0);
    // token 11 = slice 1, row 1, column 2; value at frame 1, row 0, column 1, channel 2 inside it
    int value = ((1 * 2 + 0) * 2 + 1) * 3 + 2;
    assertThat(cubes[11 * GEOMETRY.cubeValues() + value])
        .isEqualTo(frames.bytes()[frames.offset(2 + 1, 2 + 0, 4 + 1) + 2]);
  }

  @Test
  void joinsWhatItCut() {
    Frames frames = noise(GEOMETRY);
    int[] order = new RandomMasking(0.5).draw(GEOMETRY, SampleSeed.of(1, 0, "mask")).order();
    byte[] cubes = new byte[GEOMETRY.clipBytes()];
    Cubes.cut(frames, GEOMETRY, order, cubes, 0);
    assertThat(Cubes.join(cubes, 0, order, GEOMETRY)).isEqualTo(frames);
  }

  @Test
  void refusesFramesOfAnotherSize() {
    Frames small = new Frames(4, 4, 4, new byte[4 * 4 * 4 * 3]);
    assertThatThrownBy(() -> Cubes.cut(small, GEOMETRY, new int[0], new byte[0], 0))
        .hasMessageContaining("4 x 4 x 4");
  }

  @Test
  void refusesABatchWhoseMasksDiffer() {
    Mask one =
        Mask.of(
            new boolean[] {
              true, false, false, false, false, false, false, false, false, false, false, false
            });
    List<Mask> masks = List.of(one, Mask.none(12));
    List<Frames> frames = List.of(noise(GEOMETRY), noise(GEOMETRY));
    assertThatThrownBy(
            () -> CubeBatch.cut(GEOMETRY, frames, masks, new float[0], List.of("a", "b")))
        .hasMessageContaining("11 and 12");
  }

  @Test
  void refusesAGeometryThatDoesNotDivide() {
    assertThatThrownBy(() -> new ClipGeometry(16, 224, 220, 2, 16))
        .hasMessage("width = 220 is not a multiple of patch = 16");
  }
}
