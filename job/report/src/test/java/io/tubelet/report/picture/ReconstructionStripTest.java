package io.tubelet.report.picture;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.cube.CubeBatch;
import io.tubelet.masking.Mask;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Task;
import io.tubelet.model.Transformer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** By hand: one frame of 2 x 4 pixels in two cubes side by side, the right one hidden. */
class ReconstructionStripTest {
  private static final ClipGeometry GEOMETRY = new ClipGeometry(1, 2, 4, 1, 2);
  private static final int GREY = 128;

  /** Red of the eight pixels; green is 10 more, blue 20 more. The hidden ones are 0, 20, 40, 60. */
  private static final int[] RED = {1, 2, 0, 20, 3, 4, 40, 60};

  @Test
  void keepsTheOriginalAndTheVisibleCubes() {
    ReconstructionStrip strip = strip(true, new float[12]);

    assertThat(red(strip.original())).containsExactly(RED);
    for (int visible : new int[] {0, 1, 4, 5}) {
      assertThat(red(strip.masked())[visible]).isEqualTo(RED[visible]);
      assertThat(red(strip.reconstructed())[visible]).isEqualTo(RED[visible]);
    }
  }

  @Test
  void paintsHiddenCubesGrey() {
    assertThat(red(strip(true, new float[12]).masked()))
        .containsExactly(1, 2, GREY, GREY, 3, 4, GREY, GREY);
  }

  @Test
  void givesAPredictionOfZeroTheMeanColourOfTheCube() {
    Frames painted = strip(true, new float[12]).reconstructed();

    assertThat(red(painted)).containsExactly(1, 2, 30, 30, 3, 4, 30, 30);
    assertThat(painted.bytes()[painted.offset(0, 0, 2) + 1]).isEqualTo((byte) 40);
    assertThat(painted.bytes()[painted.offset(0, 0, 2) + 2]).isEqualTo((byte) 50);
  }

  @Test
  void scalesByTheUnbiasedDeviation() {
    float[] predicted = new float[12];
    predicted[0] = 1; // red of the first hidden pixel; deviation of 0, 20, 40, 60 is 25.82
    predicted[3] = -1;
    predicted[6] = 100;
    predicted[9] = -100;

    assertThat(red(strip(true, predicted).reconstructed()))
        .containsExactly(1, 2, 56, 4, 3, 4, 255, 0);
  }

  @Test
  void takesAPredictionThatIsNotNormalisedAsPixels() {
    float[] predicted = new float[12];
    Arrays.fill(predicted, 0.5f);
    predicted[0] = 1;
    predicted[3] = -3;

    ReconstructionStrip strip = strip(false, predicted);

    assertThat(red(strip.reconstructed())).containsExactly(1, 2, 255, 0, 3, 4, 128, 128);
    assertThat(strip.trueStatistics()).isFalse();
  }

  @Test
  void paintsAConstantCubeInItsColourWhateverIsPredicted() {
    byte[] pixels = new byte[24];
    Arrays.fill(pixels, (byte) 77);
    float[] predicted = new float[12];
    Arrays.fill(predicted, 3);

    ReconstructionStrip strip =
        ReconstructionStrip.of(batch(pixels, GEOMETRY), predicted, model(true));

    assertThat(strip.reconstructed()).isEqualTo(strip.original());
  }

  @Test
  void undoesTheNormalisationOfTheTruePixels() {
    double[] deviations = {-30, -10, 10, 30};
    float[] predicted = new float[12];
    for (int i = 0; i < 12; i++) {
      predicted[i] = (float) (deviations[i / 3] / Math.sqrt(2000 / 3.0));
    }

    ReconstructionStrip strip = strip(true, predicted);

    assertThat(strip.reconstructed()).isEqualTo(strip.original());
  }

  @Test
  void knowsNothingOfHiddenCubesWhereItPaintsThePredictionAlone() {
    float[] predicted = new float[12];
    predicted[0] = 10; // red of the first hidden pixel; the visible ones deviate by 2.16 from 3
    for (int hidden : new int[] {0, 99}) {
      byte[] pixels = new byte[24];
      int[] reds = {1, 2, hidden, 7, 3, 6, hidden, hidden};
      for (int i = 0; i < 24; i++) {
        pixels[i] = (byte) reds[i / 3];
      }
      Frames alone =
          ReconstructionStrip.of(batch(pixels, GEOMETRY), predicted, model(true)).predicted();
      assertThat(red(alone)).containsExactly(1, 2, 25, 3, 3, 6, 3, 3);
    }
    assertThat(strip(false, predicted).predicted())
        .isEqualTo(strip(false, predicted).reconstructed());
  }

  private static ReconstructionStrip strip(boolean normalised, float[] predicted) {
    byte[] pixels = new byte[24];
    for (int i = 0; i < 24; i++) {
      pixels[i] = (byte) (RED[i / 3] + 10 * (i % 3));
    }
    return ReconstructionStrip.of(batch(pixels, GEOMETRY), predicted, model(normalised));
  }

  private static CubeBatch batch(byte[] pixels, ClipGeometry geometry) {
    Frames frames = new Frames(geometry.frames(), 2, 4, pixels);
    Mask rightHidden = Mask.of(new boolean[] {false, true});
    return CubeBatch.cut(
        geometry, List.of(frames), List.of(rightHidden), new float[0], List.of("a<b>"));
  }

  private static ModelSpec model(boolean normalised) {
    Transformer small = new Transformer(12, 1, 1, 1);
    return new ModelSpec(GEOMETRY, small, new Task.Pretraining(small, normalised));
  }

  private static int[] red(Frames frames) {
    int[] red = new int[frames.bytes().length / 3];
    for (int i = 0; i < red.length; i++) {
      red[i] = frames.bytes()[3 * i] & 0xFF;
    }
    return red;
  }
}
