package io.tubelet.spark.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Augmentation.ColourJitter;
import io.tubelet.augment.Augmentation.RandomErasing;
import io.tubelet.augment.Crop;
import io.tubelet.augment.Flip;
import io.tubelet.augment.Mixup;
import io.tubelet.augment.RandAugment;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.cube.CubeBatch;
import io.tubelet.masking.TubeMasking;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.Labels;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CollationTest {
  private static final List<ClipRow> CLIPS =
      Stream.of("a", "b", "c").map(CollationTest::row).toList();

  private static ClipRow row(String id) {
    ClipRow.Video video = new ClipRow.Video(2, 25, 24, 20);
    return new ClipRow(id, id, id.equals("a") ? "x" : "y", video, new ClipRow.Place(0, 0), "");
  }

  private static Frames frames(ClipRow clip) {
    byte[] bytes = new byte[2 * 20 * 24 * 3];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) SampleSeed.of(1, i, clip.id()).nextInt();
    }
    return new Frames(2, 20, 24, bytes);
  }

  private static ClipTransform.Collation collation(Mixup mixing, List<ClipRow> clips) {
    Augmentation augmentation =
        new Augmentation(
            RandAugment.NONE,
            ColourJitter.NONE,
            new Crop.MultiScale(),
            List.of(Flip.of(Flip.Axis.COLUMNS)),
            RandomErasing.NONE,
            mixing,
            2);
    return new ClipTransform(
            new ClipGeometry(2, 16, 16, 2, 4),
            augmentation,
            new TubeMasking(0.5),
            new Labels(List.of("x", "y")),
            0,
            7)
        .collate(clips, 3);
  }

  private static void requireThatAMissingClipChangesNothingElse(Mixup mixing) {
    List<ClipRow> others = List.of(CLIPS.get(0), CLIPS.get(2));
    ClipTransform.Collation whole = collation(mixing, others);
    whole.add(1, frames(CLIPS.get(2)));
    whole.add(0, frames(CLIPS.get(0)));
    ClipTransform.Collation gap = collation(mixing, CLIPS);
    gap.add(0, frames(CLIPS.get(0)));
    gap.add(2, frames(CLIPS.get(2)));
    CubeBatch expected = whole.finish().orElseThrow();
    CubeBatch batch = gap.finish().orElseThrow();
    assertThat(batch.clips()).containsExactly("a", "a@1", "c", "c@1").isEqualTo(expected.clips());
    assertThat(batch.cubes()).isEqualTo(expected.cubes());
    assertThat(batch.order()).isEqualTo(expected.order());
    assertThat(batch.labels()).isEqualTo(expected.labels());
    assertThat(batch.seed()).isEqualTo(expected.seed());
  }

  @Test
  void leavesOutAClipThatWasNotAdded() {
    requireThatAMissingClipChangesNothingElse(Mixup.NONE);
  }

  @Test
  void mixesOnlyWhatWasAdded() {
    requireThatAMissingClipChangesNothingElse(new Mixup(0.8, 0, 1, 0));
  }

  @Test
  void isNothingWithoutAClip() {
    assertThat(collation(Mixup.NONE, CLIPS).finish()).isEmpty();
  }
}
