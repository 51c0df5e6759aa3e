package io.tubelet.engine.dl4j.layer;

import io.tubelet.model.ModelSpec;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.floating.SquaredNorm;
import org.nd4j.linalg.api.ops.impl.reduce3.Dot;
import org.nd4j.linalg.api.ops.impl.transforms.floating.RSqrt;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Layer norm over the last axis (arXiv 1607.06450) with biased variance:
 *
 * <pre>
 * x̂ = (x − mean) / √(variance + 1e-6)        y = x̂·weight + bias
 * dx = (g − mean(g) − x̂·mean(g·x̂)) / √(variance + 1e-6)        g = dy·weight
 * </pre>
 *
 * <p>ND4J's own operation adds another epsilon.
 */
final class Norm implements Differentiable {
  private final Tensors tensors;
  private final String weight; // [dim]
  private final String bias; // [dim]
  private INDArray normal; // x̂ [rows, dim]
  private INDArray factor; // 1 / √(variance + 1e-6) [rows]

  /** The tensors {@code name.weight} and {@code name.bias}. */
  Norm(Tensors tensors, String name) {
    this.tensors = tensors;
    this.weight = name + ".weight";
    this.bias = name + ".bias";
  }

  @Override
  public INDArray forward(INDArray x) {
    INDArray rows = Differentiable.rows(x);
    normal = rows.subColumnVector(rows.mean(1));
    factor = Nd4j.exec(new SquaredNorm(normal, false, 1));
    factor.divi(rows.size(1)).addi(ModelSpec.LAYER_NORM_EPSILON);
    Nd4j.exec(new RSqrt(factor, factor));
    normal.muliColumnVector(factor);
    INDArray y = normal.mulRowVector(tensors.value(weight)).addiRowVector(tensors.value(bias));
    return Differentiable.like(x, y);
  }

  @Override
  public INDArray backward(INDArray dy) {
    INDArray rows = Differentiable.rows(dy);
    rows.sum(tensors.gradient(bias), 0);
    Nd4j.exec(new Dot(rows, normal, tensors.gradient(weight), 0));
    INDArray g = rows.mulRowVector(tensors.value(weight));
    INDArray slope = Nd4j.exec(new Dot(g, normal, 1)).divi(g.size(1)); // mean(g·x̂) [rows]
    g.subiColumnVector(g.mean(1));
    g.subi(normal.mulColumnVector(slope)).muliColumnVector(factor);
    return Differentiable.like(dy, g);
  }
}
