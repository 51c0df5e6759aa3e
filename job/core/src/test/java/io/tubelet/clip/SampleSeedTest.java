package io.tubelet.clip;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SampleSeedTest {

  @Test
  void changesWithEveryName() {
    long first = SampleSeed.of(1, 2, "a", "mask").nextLong();
    assertThat(SampleSeed.of(2, 2, "a", "mask").nextLong()).isNotEqualTo(first);
    assertThat(SampleSeed.of(1, 3, "a", "mask").nextLong()).isNotEqualTo(first);
    assertThat(SampleSeed.of(1, 2, "b", "mask").nextLong()).isNotEqualTo(first);
    assertThat(SampleSeed.of(1, 2, "a", "crop").nextLong()).isNotEqualTo(first);
  }

  @Test
  void isTheSameOnEveryPlatform() {
    assertThat(SampleSeed.of(1, 2, "ä/動画.mp4", "mask").nextLong()).isEqualTo(2222479938315986374L);
  }
}
