package io.tubelet.clip;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FrameOrderTest {
  /** Eight frames of one grey pixel: 0 to 7. */
  private static final Frames CLIP = clip(0, 1, 2, 3, 4, 5, 6, 7);

  private static Frames clip(int... greys) {
    byte[] bytes = new byte[3 * greys.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) greys[i / 3];
    }
    return new Frames(greys.length, 1, 1, bytes);
  }

  @Test
  void showsEveryFrameOnceInAnOrderOfTheClipsOwn() {
    Frames shuffled = FrameOrder.SHUFFLED.apply(CLIP, "a");
    assertThat(shuffled.bytes()).containsExactlyInAnyOrder(CLIP.bytes());
    assertThat(shuffled).isNotEqualTo(CLIP).isEqualTo(FrameOrder.SHUFFLED.apply(CLIP, "a"));
    assertThat(FrameOrder.SHUFFLED.apply(CLIP, "b")).isNotEqualTo(shuffled);
    for (int i = 0; i < 24; i += 3) { // pixels stay whole
      assertThat(shuffled.bytes()[i]).isEqualTo(shuffled.bytes()[i + 2]);
    }
  }

  @Test
  void showsTheMiddleFrameAllTheTime() {
    assertThat(FrameOrder.SINGLE.apply(CLIP, "a")).isEqualTo(clip(4, 4, 4, 4, 4, 4, 4, 4));
    assertThat(FrameOrder.AS_IS.apply(CLIP, "a")).isSameAs(CLIP);
  }
}
