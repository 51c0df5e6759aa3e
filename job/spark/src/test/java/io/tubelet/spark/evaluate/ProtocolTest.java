package io.tubelet.spark.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.spark.evaluate.ClassifyJob.Protocol;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProtocolTest {
  private static List<Integer> of(int clips, int stored) {
    return new Protocol(clips, 3, 8).of(IntStream.range(0, stored).boxed().toList());
  }

  @Test
  void spreadsFewerClipsOverAllThatAreStored() {
    assertThat(of(2, 10)).containsExactly(0, 9);
    assertThat(of(4, 10)).containsExactly(0, 3, 6, 9);
    assertThat(of(3, 10)).containsExactly(0, 5, 9); // 4.5 is 5
    assertThat(of(1, 5)).containsExactly(2);
  }

  @Test
  void takesAllWhereAVideoHasNoMore() {
    assertThat(of(5, 5)).containsExactly(0, 1, 2, 3, 4);
    assertThat(of(5, 2)).containsExactly(0, 1);
    assertThat(of(1, 1)).containsExactly(0);
  }
}
