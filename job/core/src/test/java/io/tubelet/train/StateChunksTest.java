package io.tubelet.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StateChunksTest {
  private static final ParameterLayout LAYOUT =
      ParameterLayout.of(ModelSize.TINY.pretraining(new ClipGeometry(2, 8, 8, 2, 4)));

  private final List<Parameters> state =
      List.of(Parameters.draw(LAYOUT, 1), Parameters.draw(LAYOUT, 2), Parameters.draw(LAYOUT, 3));
  private final StateChunks chunks = new StateChunks(LAYOUT, 3, 1000);

  private List<float[]> cut() {
    List<float[]> cut = new ArrayList<>();
    for (int k = 0; k < chunks.count(); k++) {
      cut.add(chunks.cut(state, k));
    }
    return cut;
  }

  @Test
  void cutsAStateAndJoinsIt() {
    assertThat(chunks.count()).isEqualTo((int) Math.ceil(3 * LAYOUT.count() / 1000.0));
    assertThat(chunks.join(cut()::get)).isEqualTo(state);
  }

  @Test
  void readsOneTensorAcrossChunks() {
    List<float[]> cut = cut();
    for (int part = 0; part < 3; part++) {
      for (int i = 0; i < LAYOUT.parameters().size(); i++) {
        assertThat(chunks.tensor(part, i, cut::get)).isEqualTo(state.get(part).get(i));
      }
    }
  }

  @Test
  void cutsTensorsThatComeOneByOneTheSameWay() {
    List<float[]> cut = new ArrayList<>();
    StateChunks.Cutter cutter = chunks.new Cutter(cut::add);
    for (Parameters part : state) {
      assertThat(cutter.complete()).isFalse();
      for (int i = 0; i < LAYOUT.parameters().size(); i++) {
        cutter.add(part.get(i));
      }
    }
    assertThat(cutter.complete()).isTrue();
    assertThat(cut.toArray(float[][]::new)).isDeepEqualTo(cut().toArray(float[][]::new));
  }
}
