package io.tubelet.spark.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Crop;
import io.tubelet.augment.Flip;
import io.tubelet.augment.Flip.Axis;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.cube.CubeBatch;
import io.tubelet.detect.Box;
import io.tubelet.masking.Masking.NoMasking;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.files.Json;
import io.tubelet.spark.train.ClipTransform.Boxed;
import io.tubelet.spark.train.ClipTransform.Boxes;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clips of key frames, whose labels are boxes. */
class BoxedClipsTest {
  private static final int SIDE = 32;
  private static final ClipGeometry GEOMETRY = new ClipGeometry(2, SIDE, SIDE, 2, 4);
  private static final Labels LABELS = new Labels(List.of("left", "right", "still"));
  private static final Box BOX = new Box(0.25, 0.5, 0.5, 0.75);

  private static ClipRow clip(String id, Boxed... boxes) {
    return new ClipRow(id, id, Json.line(boxes), null, null, "");
  }

  /** Black, but for the box, which is white in the first frame. */
  private static Frames film(ClipRow clip) {
    Frames frames = new Frames(2, SIDE, SIDE, new byte[GEOMETRY.clipBytes()]);
    for (int y = 16; y < 24; y++) {
      Arrays.fill(frames.bytes(), frames.offset(0, y, 8), frames.offset(0, y, 16), (byte) 255);
    }
    return frames;
  }

  private static CubeBatch batch(
      Boxes boxes, Labels labels, long epoch, Axis axis, ClipRow... clips) {
    Flip flip = new Flip(axis, Map.of("left", "right", "right", "left"));
    Augmentation whole = new Augmentation(new Crop.Whole(), flip);
    return new ClipTransform(GEOMETRY, whole, new NoMasking(), labels, 0, 7, boxes)
        .batch(BoxedClipsTest::film, List.of(clips), epoch);
  }

  private static double white(CubeBatch batch) {
    float[] box = batch.boxes();
    int white = 0;
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        int cube = (y / 4 * 8 + x / 4) * GEOMETRY.cubeValues();
        boolean in =
            x >= box[0] * SIDE - 1
                && x < box[2] * SIDE
                && y >= box[1] * SIDE - 1
                && y < box[3] * SIDE;
        for (int t = 0; t < 2 && in; t++) { // a clip that runs backwards is white in the second
          white += batch.cubes()[cube + ((t * 4 + y % 4) * 4 + x % 4) * 3] == 0 ? 0 : 1;
        }
      }
    }
    return white / 64.0;
  }

  @ParameterizedTest
  @EnumSource(Axis.class)
  void takeTheirBoxesAlongWhenTheyAreFlipped(Axis axis) {
    Set<List<Float>> seen = new HashSet<>();
    for (int epoch = 0; epoch < 12; epoch++) {
      CubeBatch batch =
          batch(
              Boxes.ENLARGED,
              LABELS,
              epoch,
              axis,
              clip("film,0001", new Boxed(BOX, List.of(0, 2))));
      assertThat(white(batch)).isEqualTo(1);
      boolean flipped = batch.labels()[1] == 1;
      assertThat(batch.labels()).containsExactly(flipped ? 0 : 1, flipped ? 1 : 0, 1);
      seen.add(List.of(batch.boxes()[0], batch.boxes()[1], flipped ? 1f : 0f));
    }
    float left = 0.25f - 0.05f * 0.25f; // a tenth of the width, half of it on each side
    float top = 0.5f - 0.025f * 0.25f;
    assertThat(seen)
        .contains(List.of(left, top, 0f))
        .contains(
            switch (axis) {
              case COLUMNS -> List.of((float) (1 - 0.5125), top, 1f);
              case ROWS -> List.of(left, (float) (1 - 0.75625), 1f);
              case DIAGONAL -> List.of(top, left, 1f);
              case FRAMES -> List.of(left, top, 1f);
            })
        .hasSize(2);
  }

  @Test
  void moveTheSidesOfBoxesFromEpochToEpoch() {
    Set<Float> lefts = new HashSet<>();
    for (int epoch = 0; epoch < 20; epoch++) {
      ClipRow clip = clip("film,0001", new Boxed(BOX, List.of(0)));
      CubeBatch batch = batch(Boxes.JITTERED, LABELS, epoch, Axis.FRAMES, clip);
      assertThat(batch.boxes())
          .isEqualTo(batch(Boxes.JITTERED, LABELS, epoch, Axis.FRAMES, clip).boxes());
      lefts.add(batch.boxes()[0]);
      assertThat((double) batch.boxes()[0]).isBetween(0.25 - 0.2 * 0.25, 0.25 + 0.1 * 0.25);
      assertThat((double) batch.boxes()[3]).isBetween(0.75 - 0.05 * 0.25, 0.75 + 0.1 * 0.25);
    }
    assertThat(lefts).hasSizeGreaterThan(15);
  }

  @Test
  void fillUpWhereOthersHaveMoreBoxes() {
    Boxed other = new Boxed(new Box(0, 0, 1, 1), List.of());
    CubeBatch batch =
        batch(
            Boxes.ENLARGED,
            LABELS,
            0,
            Axis.FRAMES,
            clip("a,0001", other),
            clip("b,0001", other, other),
            clip("c,0001"));
    assertThat(batch.boxesPerClip()).isEqualTo(2);
    assertThat(batch.labels())
        .containsExactly(0, 0, 0, -1, -1, -1, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1);
    float none = Float.NaN;
    assertThat(batch.boxes())
        .containsExactly(
            new float[] {
              0, 0, 1, 1, none, none, none, none, 0, 0, 1, 1, 0, 0, 1, 1, none, none, none, none,
              none, none, none, none
            },
            within(0f));
    CubeBatch asked =
        batch(Boxes.ENLARGED, new Labels(List.of()), 0, Axis.FRAMES, clip("a,1", other));
    assertThat(asked.labels()).isEmpty();
    assertThat(asked.boxesPerClip()).isEqualTo(1);
  }

  @Test
  void keepEveryDigitOfTheirBoxesInTheLabel() {
    Boxed one = new Boxed(new Box(0.077, 1.0 / 3, 0.283, 0.811), List.of(79, 12));
    Boxed two = new Boxed(new Box(0, 0, 1e-5, 1), List.of());
    assertThat(Boxed.of(Json.line(List.of(one, two)))).containsExactly(one, two);
    assertThat(Boxed.of("")).isEmpty();
  }
}
