package io.tubelet.engine.dl4j;

import io.tubelet.cube.CubeBatch;
import java.util.Objects;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
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

  /**
   * Copies a batch to native memory, outside any workspace; fails if a token index lies outside the
   * clip, which ND4J would not notice.
   */
  @SuppressWarnings("try") // the scope is held, not used
  public static BatchArrays of(CubeBatch batch) {
    try (MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      int tokens = batch.geometry().tokens();
      for (int index : batch.order()) {
        if (index < 0 || index >= tokens) {
          throw new IllegalArgumentException(
              "token index %d, the clip has %d tokens".formatted(index, tokens));
        }
      }
      long[] rows = {batch.size(), batch.rows()};
      INDArray order = Nd4j.create(batch.order(), rows, DataType.INT32);
      return new BatchArrays(cut(batch, 0, batch.visible()), order, labels(batch));
    }
  }

  private static INDArray labels(CubeBatch batch) {
    if (batch.hidden() > 0) {
      return cut(batch, batch.visible(), batch.rows());
    }
    if (batch.classes() == 0) {
      return null;
    }
    return Nd4j.create(batch.labels(), batch.size(), batch.classes());
  }

  /** Rows {@code from … to} of every clip. */
  private static INDArray cut(CubeBatch batch, int from, int to) {
    int values = batch.geometry().cubeValues();
    int bytes = (to - from) * values;
    INDArray cubes = Nd4j.createUninitialized(DataType.UINT8, batch.size(), to - from, values);
    // ND4J's backend for cards has a second copy there, older from here on
    Nd4j.getAffinityManager().ensureLocation(cubes, AffinityManager.Location.HOST);
    Nd4j.getAffinityManager().tagLocation(cubes, AffinityManager.Location.HOST);
    BytePointer pointer = new BytePointer(cubes.data().pointer());
    for (int clip = 0; clip < batch.size(); clip++) {
      int at = (clip * batch.rows() + from) * values;
      pointer.position((long) clip * bytes).put(batch.cubes(), at, bytes);
    }
    return cubes;
  }

  public INDArray[] features() {
    return new INDArray[] {cubes, order};
  }

  @Override
  public void close() {
    Stream.of(cubes, order, labels).filter(Objects::nonNull).forEach(INDArray::close);
  }
}
