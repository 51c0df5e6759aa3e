package io.tubelet.engine.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tubelet.cube.CubeBatch;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.MultiDataSet;

class BatchArraysTest {

  @Test
  void splitsMaskedClipsIntoVisibleAndHiddenCubes() {
    CubeBatch batch = Tiny.masked(2, 0);
    int values = Tiny.GEOMETRY.cubeValues();
    try (BatchArrays arrays = BatchArrays.of(batch)) {
      assertThat(arrays.cubes().dataType()).isEqualTo(DataType.UINT8);
      assertThat(arrays.cubes().shape()).containsExactly(2, 4, values);
      assertThat(arrays.labels().shape()).containsExactly(2, 8, values);
      assertThat(arrays.order().shape()).containsExactly(2, 12);
      for (int clip = 0; clip < 2; clip++) {
        for (int row = 0; row < 12; row++) {
          int expected = batch.cubes()[(clip * 12 + row) * values + 5] & 0xFF;
          int found =
              row < 4
                  ? arrays.cubes().getInt(clip, row, 5)
                  : arrays.labels().getInt(clip, row - 4, 5);
          assertThat(found).isEqualTo(expected);
          assertThat(arrays.order().getInt(clip, row)).isEqualTo(batch.order()[clip * 12 + row]);
        }
      }
    }
  }

  @Test
  void takesTheLabelsOfWholeClips() {
    MultiDataSet data = Tiny.dataSet(Tiny.labelled(3, 0));
    assertThat(data.getFeatures(0).shape()).containsExactly(3, 12, 96);
    assertThat(data.getLabels(0).toFloatMatrix())
        .isDeepEqualTo(
            new float[][] {{.7f, 0, .3f, 0, 0}, {0, .7f, 0, .3f, 0}, {0, 0, .7f, 0, .3f}});
  }

  @Test
  void freesItsMemory() {
    BatchArrays arrays = BatchArrays.of(Tiny.masked(1, 0));
    arrays.close();
    assertThat(arrays.cubes().wasClosed()).isTrue();
    assertThat(arrays.order().wasClosed()).isTrue();
    assertThat(arrays.labels().wasClosed()).isTrue();
  }

  @Test
  void refusesTokenIndicesOutsideTheClip() {
    CubeBatch batch = Tiny.masked(1, 0);
    int[] order = batch.order().clone();
    order[3] = 12;
    CubeBatch wrong =
        new CubeBatch(
            batch.geometry(),
            batch.visible(),
            batch.cubes(),
            order,
            new float[0],
            new float[0],
            batch.clips(),
            0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BatchArrays.of(wrong))
        .withMessage("token index 12, the clip has 12 tokens");
  }
}
