package io.tubelet.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.augment.Augmentation.ColourJitter;
import io.tubelet.augment.Augmentation.RandomErasing;
import io.tubelet.augment.Crop.Box;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import java.util.BitSet;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AugmentationTest {
  private static final Flip MIRRORED = Flip.of(Flip.Axis.COLUMNS);

  /** One frame whose red is the column, green the row, blue constant. */
  private static Frames ramp(int height, int width) {
    byte[] bytes = new byte[height * width * 3];
    for (int i = 0; i < height * width; i++) {
      bytes[3 * i] = (byte) (i % width);
      bytes[3 * i + 1] = (byte) (i / width);
      bytes[3 * i + 2] = (byte) 200;
    }
    return new Frames(1, height, width, bytes);
  }

  @Test
  void copiesABoxOfTheOutputsSize() {
    Frames cropped = Resize.crop(ramp(10, 12), new Box(3, 5, 4, 4), 4, 4);
    assertThat(cropped.bytes()[cropped.offset(0, 0, 0)]).isEqualTo((byte) 5);
    assertThat(cropped.bytes()[cropped.offset(0, 3, 1) + 1]).isEqualTo((byte) 6);
  }

  @Test
  void averagesPairsWhenHalving() {
    // PIL's triangle of radius 2: weights 1/8, 3/8, 3/8, 1/8
    Frames halved = Resize.crop(new Frames(1, 1, 8, squares()), new Box(0, 0, 1, 8), 1, 4);
    // the second output stands on pixels 1, 2, 3, 4 squared
    assertThat(halved.bytes()[3] & 0xFF).isEqualTo(Math.round((1 + 3 * 4 + 3 * 9 + 16) / 8f));
  }

  private static byte[] squares() {
    byte[] row = new byte[8 * 3];
    for (int x = 0; x < 8; x++) {
      row[3 * x] = (byte) (x * x);
    }
    return row;
  }

  @Test
  void keepsAConstantPictureConstantAtAnySize() {
    for (int size : new int[] {1, 3, 7, 16, 33}) {
      Frames resized = Resize.crop(ramp(9, 11), new Box(0, 0, 9, 11), size, size);
      for (int i = 2; i < resized.bytes().length; i += 3) {
        assertThat(resized.bytes()[i]).isEqualTo((byte) 200);
      }
    }
  }

  /** The golden numbers were made with Pillow 12.3 from the same clip: PIL's bytes exactly. */
  @ParameterizedTest
  @CsvSource({"16, 16, 6d86a0ff", "40, 50, 670feec3", "23, 50, 31931fad", "40, 31, eec0362d"})
  void resizesAsPilDoes(int height, int width, String crc) {
    Frames clip = Picture.bands(2, 23, 31);
    Frames resized = Resize.crop(clip, new Box(0, 0, 23, 31), height, width);
    assertThat(Picture.crc(resized)).isEqualTo(crc);
  }

  /** Ten pixels and more into one leave a weight 12 bits of PIL's 22; the bytes are Pillow's. */
  @Test
  void staysWithinOneOfPilWhereManyPixelsBecomeOne() {
    String pil =
        "2c2e30434c555d6e7e748ca343413f5e63677b889496a9b45d564f7b7b7b9da5aab2a581766b5f99"
            + "9490aba69f6550468d7d6eafa9a17176763f444a3d3f41545d666e7f8f859db25452506f74788c99"
            + "a5a7b49a6e67608c8c8cacafa9a07652877c70a9a4a09788844540449e8e7faaaaa94e4f5a4d5359";
    Frames resized = Resize.crop(Picture.bands(2, 23, 31), new Box(0, 0, 23, 31), 5, 4);
    byte[] expected = HexFormat.of().parseHex(pil);
    assertThat(resized.bytes()).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(resized.bytes()[i] & 0xFF).isCloseTo(expected[i] & 0xFF, within(1));
    }
  }

  @Test
  void drawsThePublishedCropSizesInsideTheFrame() {
    Set<Box> sizes = new HashSet<>();
    for (int clip = 0; clip < 2000; clip++) {
      Box box =
          new Crop.MultiScale()
              .draw(256, 340, 224, 224, SampleSeed.of(1, 0, "clip" + clip, "crop"));
      assertThat(box.top() + box.height()).isLessThanOrEqualTo(256);
      assertThat(box.left() + box.width()).isLessThanOrEqualTo(340);
      sizes.add(new Box(0, 0, box.height(), box.width()));
    }
    // 256 × {1, .875, .75, .66}; pairs at most one step apart
    assertThat(sizes).hasSize(10).contains(new Box(0, 0, 256, 224), new Box(0, 0, 192, 168));
    assertThat(sizes).doesNotContain(new Box(0, 0, 256, 192));
  }

  @Test
  void drawsBoxesOfAnyAllowedAreaAndAspect() {
    double least = 1;
    double most = 0;
    for (int clip = 0; clip < 2000; clip++) {
      Box box =
          new Crop.RandomResized()
              .draw(256, 340, 224, 224, SampleSeed.of(1, 0, "clip" + clip, "crop"));
      assertThat(box.top() + box.height()).isLessThanOrEqualTo(256);
      assertThat(box.left() + box.width()).isLessThanOrEqualTo(340);
      assertThat((double) box.width() / box.height()).isBetween(0.74, 1.35);
      double area = box.width() * box.height() / (256.0 * 340);
      least = Math.min(least, area);
      most = Math.max(most, area);
    }
    assertThat(least).isBetween(0.079, 0.09);
    assertThat(most).isBetween(0.95, 1.0);
  }

  @Test
  void fallsBackToTheMiddleWhereNoBoxFits() {
    // of a strip of 10 x 400, an area of 0.08 needs 320 pixels: no box of aspect 4/3 is 10 high
    Box box = new Crop.RandomResized().draw(10, 400, 224, 224, SampleSeed.of(1, 0, "a", "crop"));
    assertThat(box).isEqualTo(new Box(0, 193, 10, 13));
  }

  @Test
  void givesTheWholePublishedSampleOfFineTuningTheSameForTheSameNames() {
    Augmentation published =
        new Augmentation(
            new RandAugment(4, 7, 0.5),
            ColourJitter.NONE,
            new Crop.RandomResized(),
            List.of(MIRRORED),
            new RandomErasing(0.25),
            new Mixup(0.8, 1, 1, 0.5),
            2);
    ClipGeometry geometry = new ClipGeometry(2, 16, 16, 2, 8);
    Frames clip = Picture.bands(2, 24, 32);
    List<String> samples = List.of(Augmentation.sample("a", 0), Augmentation.sample("a", 1), "b");
    assertThat(samples)
        .extracting(sample -> Picture.crc(published.apply(clip, geometry, 1, 2, sample)))
        .containsExactly("5ca846ee", "c90868e5", "cb247f4f");
  }

  @Test
  void spreadsTestViewsOverTheLongSide() {
    assertThat(Crop.Centre.view(0, 3).draw(256, 340, 224, 224, null))
        .isEqualTo(new Box(0, 0, 256, 256));
    assertThat(Crop.Centre.view(1, 3).draw(256, 340, 224, 224, null))
        .isEqualTo(new Box(0, 42, 256, 256));
    assertThat(Crop.Centre.view(2, 3).draw(256, 340, 224, 224, null))
        .isEqualTo(new Box(0, 84, 256, 256));
  }

  @Test
  void drawsTheSameSampleFromTheSameNames() {
    ClipGeometry geometry = new ClipGeometry(1, 8, 8, 1, 4);
    Augmentation augmentation = new Augmentation(new Crop.MultiScale(), MIRRORED);
    Frames frames = ramp(20, 30);
    Frames first = augmentation.apply(frames, geometry, 1, 2, "a");
    assertThat(augmentation.apply(frames, geometry, 1, 2, "a")).isEqualTo(first);
    assertThat(augmentation.apply(frames, geometry, 1, 3, "a")).isNotEqualTo(first);
  }

  /** Two frames of two pixels; in the second frame they have changed places. */
  private static final Frames SWAP =
      new Frames(
          2, 1, 2, new byte[] {100, 110, 120, -116, -106, -96, -116, -106, -96, 100, 110, 120});

  private static RandomGenerator colours(int epoch) {
    return SampleSeed.of(1, epoch, "clip", "colour");
  }

  @Test
  void changesAllFramesOfAClipAlike() {
    for (int epoch = 0; epoch < 50; epoch++) {
      byte[] out = new ColourJitter(1).apply(SWAP, colours(epoch)).bytes();
      for (int channel = 0; channel < 3; channel++) {
        assertThat(out[channel]).isEqualTo(out[9 + channel]);
        assertThat(out[3 + channel]).isEqualTo(out[6 + channel]);
        assertThat(out[channel]).isNotEqualTo(out[3 + channel]);
      }
    }
  }

  @Test
  void movesEveryChannelToEveryPlaceAndDrawsNegatives() {
    for (int channel = 0; channel < 3; channel++) {
      byte[] pixel = new byte[3];
      pixel[channel] = -1; // 255, the others 0: no gain and shift brings them together
      Set<String> seen = new HashSet<>();
      for (int epoch = 0; epoch < 200; epoch++) {
        byte[] out = new ColourJitter(1).apply(new Frames(1, 1, 1, pixel), colours(epoch)).bytes();
        StringBuilder shown = new StringBuilder();
        for (byte value : out) {
          shown.append((value & 0xFF) > 128 ? 'b' : 'd');
        }
        seen.add(shown.toString());
      }
      assertThat(seen).containsExactlyInAnyOrder("bdd", "dbd", "ddb", "dbb", "bdb", "bbd");
    }
  }

  @Test
  void leavesAsManyClipsAloneAsItSays() {
    assertThat(ColourJitter.NONE.apply(SWAP, colours(0))).isSameAs(SWAP);
    int changed = 0;
    for (int epoch = 0; epoch < 400; epoch++) {
      changed += new ColourJitter(0.25).apply(SWAP, colours(epoch)).equals(SWAP) ? 0 : 1;
    }
    assertThat(changed).isBetween(70, 130);
  }

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
