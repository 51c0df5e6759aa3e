package io.tubelet.engine.dl4j.layer;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Factors of a batch's clips, for what a training step leaves out.
 *
 * @param values {@code [batch][columns]}; empty for ones
 */
@SuppressWarnings("ArrayRecordComponent") // used, never compared
record Factors(float[][] values) {
  static final Factors ONES = new Factors(new float[0][]);

  /** Multiplies each clip's rows {@code [batch · tokens, dim]} by its factor of a column. */
  void scale(INDArray rows, int column) {
    long tokens = values.length == 0 ? 0 : rows.size(0) / values.length;
    for (int clip = 0; clip < values.length; clip++) {
      rows.get(NDArrayIndex.interval(clip * tokens, (clip + 1) * tokens), NDArrayIndex.all())
          .muli(values[clip][column]);
    }
  }

  /** A scaled copy; the rows themselves where all factors are one. */
  INDArray scaled(INDArray rows, int column, Memory memory) {
    if (values.length == 0) {
      return rows;
    }
    INDArray copy = memory.copy(rows);
    scale(copy, column);
    return copy;
  }
}
