package io.tubelet.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.spark.data.ClipRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SubsetTest {
  /** Three classes of eight videos, two clips each. */
  private static List<ClipRow> clips() {
    List<ClipRow> clips = new ArrayList<>();
    for (int video = 0; video < 24; video++) {
      String source = "v" + video + ".mp4";
      for (int window = 0; window < 2; window++) {
        clips.add(
            new ClipRow(
                source + "#" + window,
                source,
                "class" + video % 3,
                new ClipRow.Video(32, 25, 32, 32),
                new ClipRow.Place(0, 2 * video + window),
                ""));
      }
    }
    return clips;
  }

  @Test
  void takesSoManyWholeVideosOfEachClass() {
    List<ClipRow> some = new Subset(3, 1, 5).of(clips());
    Map<String, Long> perClass =
        some.stream().collect(Collectors.groupingBy(ClipRow::label, Collectors.counting()));
    assertThat(perClass).isEqualTo(Map.of("class0", 6L, "class1", 6L, "class2", 6L));
    assertThat(some).isSubsetOf(clips()).isNotEqualTo(new Subset(3, 1, 6).of(clips()));
  }

  @Test
  void holdsOutVideosOfEachClassThatFewLabelsNeverUse() {
    Subset subset = new Subset(6, 1, 5);
    List<ClipRow> heldOut = subset.last(clips(), 0.25);
    assertThat(heldOut).hasSize(3 * 2 * 2).doesNotContainAnyElementsOf(subset.of(clips()));
    assertThat(subset.last(clips(), 0.01)).hasSize(3 * 2).isSubsetOf(heldOut);
    assertThat(subset.last(clips(), 0)).isEmpty();
  }

  @Test
  void fewerLieWithinMore() {
    assertThat(new Subset(5, 1, 1).of(clips())).containsAll(new Subset(2, 1, 1).of(clips()));
    assertThat(new Subset(0, 0.5, 1).of(clips())).hasSize(24);
    assertThat(new Subset(0, 0.5, 1).of(clips())).containsAll(new Subset(0, 0.2, 1).of(clips()));
  }

  @Test
  void takesEverythingInTheStoresOrderUnlessToldOtherwise() {
    assertThat(new Subset(0, 1, 9).of(clips())).isEqualTo(clips());
  }
}
