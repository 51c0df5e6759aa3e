package io.tubelet.engine.dl4j.layer;

import io.tubelet.engine.dl4j.arithmetic.Affine;
import io.tubelet.engine.dl4j.arithmetic.Norm;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A layer's tensors, values or gradients, as views into its stretch of the network's flat vector.
 *
 * @param flat the stretch {@code [parameters]}
 * @param table the tensors by name, in the order of the stretch
 */
record Views(INDArray flat, Map<String, INDArray> table) {

  INDArray get(String name) {
    INDArray view = table.get(name);
    if (view == null) {
      throw new IllegalArgumentException("no tensor " + name + " among " + table.keySet());
    }
    return view;
  }

  Affine affine(String name) {
    return new Affine(get(name + ".weight"), get(name + ".bias"));
  }

  Norm norm(String name) {
    return new Norm(get(name + ".weight"), get(name + ".bias"));
  }

  /** Adjacent matrices as one {@code [rows, columns]}, from the tensor {@code first} on. */
  INDArray adjacent(String first, long rows, long columns) {
    long from = 0;
    for (Map.Entry<String, INDArray> tensor : table.entrySet()) {
      if (tensor.getKey().equals(first)) {
        break;
      }
      from += tensor.getValue().length();
    }
    return flat.get(NDArrayIndex.interval(from, from + rows * columns)).reshape('c', rows, columns);
  }
}
