package io.tubelet.engine.dl4j.arithmetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class ValuesTest {

  private static INDArray count(DataType type) {
    return Nd4j.arange(24).castTo(type).dup();
  }

  @Test
  void readsAndWritesAViewWhereItLies() {
    for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
      INDArray whole = count(type).reshape(4, 6);
      INDArray view = whole.get(NDArrayIndex.interval(2, 4), NDArrayIndex.all());
      double[] read = new double[3];
      Values.of(view).read(1, read, 3);
      assertThat(read).containsExactly(13, 14, 15);
      Values.of(view).write(2, new double[] {-1}, 1);
      assertThat(whole.getDouble(2, 2)).isEqualTo(-1);
      assertThat(whole.getDouble(2, 1)).isEqualTo(13);
    }
  }

  @Test
  void movesItsWindowOverAnArrayLargerThanABuffer() {
    for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
      Values values = Values.of(count(type), 5);
      double[] read = new double[4];
      for (int at : new int[] {0, 3, 20, 1, 16}) {
        values.read(at, read, 4);
        assertThat(read).containsExactly(at, at + 1, at + 2, at + 3);
      }
      values.write(18, new double[] {7, 8, 9}, 3);
      values.read(17, read, 4);
      assertThat(read).containsExactly(17, 7, 8, 9);
    }
  }

  @Test
  void copiesWholeFloatArraysBothWays() {
    for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
      INDArray array = Nd4j.zeros(type, Values.BLOCK + 40);
      float[] floats = new float[Values.BLOCK + 20];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = i / 3f;
      }
      Values.of(array).write(10, floats);
      float[] read = new float[floats.length];
      Values.of(array).read(10, read);
      assertThat(read).containsExactly(floats);
      assertThat(array.getDouble(9)).isZero();
    }
  }

  @Test
  void refusesWhatIsNotContiguousOrNotFloatingPoint() {
    INDArray column =
        count(DataType.FLOAT).reshape(4, 6).get(NDArrayIndex.all(), NDArrayIndex.interval(0, 2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Values.of(column))
        .withMessageContaining("strides [6, 1]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Values.of(count(DataType.INT32)))
        .withMessageContaining("found INT");
  }

  @Test
  void refusesTokenIndicesOutsideTheClip() {
    INDArray tokens = Nd4j.zeros(DataType.FLOAT, 1, 2, 3);
    INDArray sum = Nd4j.zeros(DataType.FLOAT, 1, 2, 3);
    float[] table = {0, 1, 2, 10, 11, 12};
    Positions.add(tokens, Nd4j.createFromArray(new int[][] {{1, 0}}), table, sum);
    assertThat(sum.data().asFloat()).containsExactly(10, 11, 12, 0, 1, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Positions.add(tokens, Nd4j.createFromArray(new int[][] {{0, 2}}), table, sum))
        .withMessage("token index 2, the clip has 2 tokens");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Positions.add(tokens, Nd4j.createFromArray(new int[][] {{0}}), table, sum))
        .withMessageContaining("[1, 1] token indices");
  }
}
