package io.tubelet.spark.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import io.tubelet.masking.Masking;
import io.tubelet.masking.Masking.NoMasking;
import io.tubelet.masking.TubeMasking;
import io.tubelet.spark.data.ClipReader;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.data.TinyStore;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClipTransformTest {
  private static final ClipGeometry GEOMETRY = new ClipGeometry(2, 16, 16, 2, 4);

  private static final List<ClipRow> CLIPS =
      Stream.of("a", "b", "c").map(ClipTransformTest::row).toList();

  @TempDir private Path folder;

  private static Augmentation augmentation(Mixup mixing, int repeats) {
    return augmentation(mixing, repeats, List.of());
  }

  private static Augmentation augmentation(Mixup mixing, int repeats, List<Flip> flips) {
    return new Augmentation(
        RandAugment.NONE,
        ColourJitter.NONE,
        new Crop.MultiScale(),
        flips,
        RandomErasing.NONE,
        mixing,
        repeats);
  }

  private CubeBatch batch(Augmentation augmentation, Masking masking, Labels labels, long epoch) {
    CubeStore store = TinyStore.make(folder, 4, 2, 24);
    ClipTransform presentation = new ClipTransform(GEOMETRY, augmentation, masking, labels, 0.2, 1);
    try (ClipReader reader = store.reader(new Configuration())) {
      return presentation.batch(reader::lend, store.clips(), epoch);
    }
  }

  private static byte[] cubes(CubeBatch batch, int sample) {
    int size = GEOMETRY.clipBytes();
    return Arrays.copyOfRange(batch.cubes(), sample * size, (sample + 1) * size);
  }

  private static int[] order(CubeBatch batch, int sample) {
    int size = GEOMETRY.tokens();
    return Arrays.copyOfRange(batch.order(), sample * size, (sample + 1) * size);
  }

  @Test
  void makesSeveralCropsAndMasksOfOneReading() {
    Labels none = new Labels(List.of());
    CubeBatch once = batch(augmentation(Mixup.NONE, 1), new TubeMasking(0.5), none, 0);
    CubeBatch thrice = batch(augmentation(Mixup.NONE, 3), new TubeMasking(0.5), none, 0);
    assertThat(thrice.clips())
        .startsWith("clip0#0", "clip0#0@1", "clip0#0@2", "clip1#0")
        .hasSize(12)
        .doesNotHaveDuplicates();
    for (int clip = 0; clip < 4; clip++) {
      assertThat(cubes(thrice, 3 * clip)).isEqualTo(cubes(once, clip));
      assertThat(order(thrice, 3 * clip)).isEqualTo(order(once, clip));
      assertThat(order(thrice, 3 * clip + 1)).isNotEqualTo(order(once, clip));
      assertThat(order(thrice, 3 * clip + 2)).isNotEqualTo(order(thrice, 3 * clip + 1));
    }
  }

  @Test
  void namesAClipTurnedRoundByTheClassThatItBecomes() {
    Labels labels = new Labels(List.of("a", "b"));
    Flip mirror = new Flip(Flip.Axis.COLUMNS, Map.of("a", "b", "b", "a"));
    Crop whole = new Crop.Centre(0.5);
    CubeBatch plain = batch(new Augmentation(whole), new NoMasking(), labels, 3);
    int turned = 0;
    for (long epoch = 0; epoch < 8; epoch++) {
      CubeBatch varied = batch(new Augmentation(whole, mirror), new NoMasking(), labels, epoch);
      for (int clip = 0; clip < 4; clip++) {
        boolean same = Arrays.equals(cubes(varied, clip), cubes(plain, clip));
        int other = same ? 0 : 1;
        assertThat(varied.labels()[2 * clip]).isEqualTo(plain.labels()[2 * clip + other]);
        assertThat(varied.labels()[2 * clip + 1]).isEqualTo(plain.labels()[2 * clip + 1 - other]);
        turned += other;
      }
    }
    assertThat(turned).isBetween(6, 26);
  }

  @Test
  void mixesLabelsWithTheirPixels() {
    Labels labels = new Labels(List.of("a", "b"));
    CubeBatch plain = batch(augmentation(Mixup.NONE, 1), new NoMasking(), labels, 3);
    assertThat(plain.labels())
        .containsExactly(
            new float[] {0.9f, 0.1f, 0.1f, 0.9f, 0.9f, 0.1f, 0.1f, 0.9f}, within(1e-6f));
    CubeBatch mixed = batch(augmentation(new Mixup(0.8, 0, 1, 0), 1), new NoMasking(), labels, 3);
    // clip 0 (label a) and its mirror, clip 3 (label b): the share shows in labels and pixels alike
    double share = (mixed.labels()[0] - 0.1) / 0.8;
    assertThat(share).isBetween(0.0, 1.0);
    byte[] own = cubes(plain, 0);
    byte[] mirror = cubes(plain, 3);
    for (int i = 0; i < own.length; i++) {
      double expected = share * (own[i] & 0xFF) + (1 - share) * (mirror[i] & 0xFF);
      assertThat((double) (cubes(mixed, 0)[i] & 0xFF)).isCloseTo(expected, within(0.51));
    }
    CubeBatch again = batch(augmentation(new Mixup(0.8, 0, 1, 0), 1), new NoMasking(), labels, 3);
    assertThat(again.cubes()).isEqualTo(mixed.cubes());
  }

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
    List<Flip> flips = List.of(Flip.of(Flip.Axis.COLUMNS));
    Labels labels = new Labels(List.of("x", "y"));
    return new ClipTransform(
            GEOMETRY, augmentation(mixing, 2, flips), new TubeMasking(0.5), labels, 0, 7)
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
