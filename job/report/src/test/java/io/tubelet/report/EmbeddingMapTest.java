package io.tubelet.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.report.EmbeddingMap.Features;
import io.tubelet.report.EmbeddingMap.Spot;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EmbeddingMapTest {

  @Test
  void showsThePlaneInWhichClipsDifferMost() {
    // a rectangle of 6 x 2 in a plane of four dimensions, far from the origin
    List<Features> corners =
        IntStream.range(0, 4)
            .mapToObj(
                i -> {
                  float a = i % 2 == 0 ? -3 : 3;
                  float b = i / 2 == 0 ? -1 : 1;
                  return new Features("c" + i, "x", new float[] {9 + b, 7, 5 + a, 7});
                })
            .toList();
    EmbeddingMap map = EmbeddingMap.of(corners);
    assertThat(map.points()).extracting(Spot::x).allMatch(x -> Math.abs(Math.abs(x) - 3) < 1e-6);
    assertThat(map.points()).extracting(Spot::y).allMatch(y -> Math.abs(Math.abs(y) - 1) < 1e-6);
    assertThat(map.explained()).isCloseTo(1, within(1e-9));
    assertThat(map.dead()).isEqualTo(0.5);
  }

  @Test
  void knowsWhenAllClipsAreAlike() {
    Features same = new Features("a", "", new float[] {1, 2, 3});
    EmbeddingMap map = EmbeddingMap.of(List.of(same, same, same));
    assertThat(map.spread()).isZero();
    assertThat(map.dead()).isEqualTo(1);
    assertThat(map.points()).allMatch(spot -> spot.x() == 0 && spot.y() == 0);
  }

  @Test
  void needsNoClips() {
    assertThat(EmbeddingMap.of(List.of()).points()).isEmpty();
  }
}
