package io.tubelet.augment;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.augment.Augmentation.ColourJitter;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class ColourJitterTest {
  /** Two frames of two pixels; in the second frame they have changed places. */
  private static final Frames SWAP =
      new Frames(
          2, 1, 2, new byte[] {100, 110, 120, -116, -106, -96, -116, -106, -96, 100, 110, 120});

  private static RandomGenerator random(int epoch) {
    return SampleSeed.of(1, epoch, "clip", "colour");
  }

  @Test
  void changesAllFramesOfAClipAlike() {
    for (int epoch = 0; epoch < 50; epoch++) {
      byte[] out = new ColourJitter(1).apply(SWAP, random(epoch)).bytes();
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
        byte[] out = new ColourJitter(1).apply(new Frames(1, 1, 1, pixel), random(epoch)).bytes();
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
    assertThat(ColourJitter.NONE.apply(SWAP, random(0))).isSameAs(SWAP);
    int changed = 0;
    for (int epoch = 0; epoch < 400; epoch++) {
      changed += new ColourJitter(0.25).apply(SWAP, random(epoch)).equals(SWAP) ? 0 : 1;
    }
    assertThat(changed).isBetween(70, 130);
  }
}
