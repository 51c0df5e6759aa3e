package io.tubelet.engine.dl4j;

import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.dl4j.arithmetic.Host;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A {@link CubeBatch} as the graph takes it; every byte is in exactly one array.
 *
 * @param cubes visible cubes, uint8 {@code [batch, visible, cubeValues]}
 * @param order token index of each row, int32 {@code [batch, rows]}
 * @param labels the hidden cubes, uint8 {@code [batch, hidden, cubeValues]}; without a mask the
 *     target distributions {@code [batch, classes]}; null if there is neither
 */
public record BatchArrays(INDArray cubes, INDArray order, INDArray labels)
    implements AutoCloseable {

  /** Copies a batch to native memory, outside any workspace. */
  @SuppressWarnings("try") // the scope is held, not used
  public static BatchArrays of(CubeBatch batch) {
    try (MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray order = Nd4j.createUninitialized(DataType.INT32, batch.size(), batch.rows());
      new IntPointer(Host.pointer(order)).put(batch.order());
      return new BatchArrays(cut(batch, 0, batch.visible()), order, labels(batch));
    }
  }

  /** The same as a DL4J data set, whose native memory is freed when it is collected. */
  public static MultiDataSet dataSet(CubeBatch batch) {
    BatchArrays arrays = of(batch);
    INDArray[] labels = arrays.labels == null ? null : new INDArray[] {arrays.labels};
    return new MultiDataSet(arrays.features(), labels);
  }

  private static INDArray labels(CubeBatch batch) {
    if (batch.hidden() > 0) {
      return cut(batch, batch.visible(), batch.rows());
    }
    if (batch.classes() == 0) {
      return null;
    }
    INDArray labels = Nd4j.createUninitialized(DataType.FLOAT, batch.size(), batch.classes());
    new FloatPointer(Host.pointer(labels)).put(batch.labels());
    return labels;
  }

  /** Rows {@code from … to} of every clip. */
  private static INDArray cut(CubeBatch batch, int from, int to) {
    int values = batch.geometry().cubeValues();
    int bytes = (to - from) * values;
    INDArray cubes = Nd4j.createUninitialized(DataType.UINT8, batch.size(), to - from, values);
    BytePointer pointer = new BytePointer(Host.pointer(cubes));
    for (int clip = 0; clip < batch.size(); clip++) {
      int at = (clip * batch.rows() + from) * values;
      pointer.position((long) clip * bytes).put(batch.cubes(), at, bytes);
    }
    return cubes;
  }

  /** The graph's inputs. */
  public INDArray[] features() {
    return new INDArray[] {cubes, order};
  }

  /** Gives back the native memory. */
  @Override
  public void close() {
    for (INDArray array : Arrays.asList(cubes, order, labels)) {
      if (array != null) {
        array.close();
      }
    }
  }
}
