package io.tubelet.engine.dl4j.layer;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.ModelSpec;
import org.nd4j.linalg.api.blas.params.MMulTranspose;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.api.ops.impl.reduce.floating.SquaredNorm;
import org.nd4j.linalg.api.ops.impl.reduce3.Dot;
import org.nd4j.linalg.api.ops.impl.transforms.floating.RSqrt;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A function of tokens, {@code [batch, tokens, dim]} or {@code [rows, dim]}, with its derivative.
 *
 * <p>It allocates in the workspace that is current: in the forward pass of training one that lasts
 * until the backward pass has ended, so that what the derivative needs is kept in fields; in the
 * backward pass one that lasts as long as the layer's.
 */
interface Differentiable {

  /** The function; {@code x} stays as it is. */
  INDArray forward(INDArray x);

  /**
   * Writes the derivatives by the tensors and returns that by the input, null where it has none;
   * {@code dy}, that by what {@link #forward} gave last, stays as it is.
   */
  INDArray backward(INDArray dy);

  /** Multiplies by factors in the passes that follow, null: by ones; fails where none are. */
  default void scale(INDArray factors) {
    throw new UnsupportedOperationException("nothing is ever dropped here");
  }

  /** {@code [batch, tokens, dim]} → {@code [batch · tokens, dim]}, a view. */
  static INDArray rows(INDArray x) {
    return x.rank() == 2 ? x : x.reshape('c', x.size(0) * x.size(1), x.size(2));
  }

  /** Rows as {@code [batch, tokens, …]} where {@code x} is. */
  static INDArray like(INDArray x, INDArray rows) {
    return x.rank() == 2 ? rows : rows.reshape('c', x.size(0), x.size(1), rows.size(1));
  }

  /** Tokens {@code from … to} of {@code [batch, tokens, dim]}, a view. */
  static INDArray slice(INDArray tokens, long from, long to) {
    return tokens.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to), NDArrayIndex.all());
  }

  /** A matrix product, row-major; a flag transposes the matrix before it. */
  static INDArray product(INDArray a, boolean transposeA, INDArray b, boolean transposeB) {
    long[] shape = {a.size(transposeA ? 1 : 0), b.size(transposeB ? 0 : 1)};
    return product(
        a, transposeA, b, transposeB, 1, Nd4j.createUninitialized(a.dataType(), shape, 'c'));
  }

  /** {@code to ← factor · a·b} of two matrices, or of each pair of the last two axes. */
  static INDArray product(
      INDArray a, boolean transposeA, INDArray b, boolean transposeB, double factor, INDArray to) {
    MMulTranspose transposed =
        MMulTranspose.builder().transposeA(transposeA).transposeB(transposeB).build();
    return Nd4j.exec(new Mmul(a, b, to, factor, 0, transposed))[0];
  }

  /**
   * Bytes to tokens: cubes, uint8 {@code [batch, visible, cubeValues]}, → {@code [batch, visible,
   * dim]}. A value is {@code (byte / 255 − mean) / std} of its channel.
   *
   * <p>The kernel {@code [dim, channel, tubelet, patch, patch]} is channel-major, the cubes are
   * pixel-major: the kernel is permuted for each pass, which is cheaper than permuting clips.
   */
  final class CubeEmbedding implements Differentiable {
    private final TensorLayer tensors;
    private final String name;
    private final INDArray scale; // [cubeValues]
    private final INDArray shift; // [cubeValues]
    private INDArray pixels; // [batch · visible, cubeValues]

    CubeEmbedding(TensorLayer tensors, String name) {
      this.tensors = tensors;
      this.name = name;
      INDArray kernel = tensors.value(name + ".weight");
      double[] scale = new double[Math.toIntExact(kernel.length() / kernel.size(0))];
      double[] shift = new double[scale.length];
      for (int i = 0; i < scale.length; i++) {
        int channel = i % ClipGeometry.CHANNELS;
        scale[i] = 1 / (255.0 * ModelSpec.pixelStd(channel));
        shift[i] = -(double) ModelSpec.pixelMean(channel) / ModelSpec.pixelStd(channel);
      }
      this.scale = Nd4j.createFromArray(scale).castTo(kernel.dataType());
      this.shift = Nd4j.createFromArray(shift).castTo(kernel.dataType());
    }

    /** A kernel as {@code [dim, pixelsOfCube, channel]}, a view. */
    private static INDArray pixelMajor(INDArray kernel) {
      long pixels = kernel.size(2) * kernel.size(3) * kernel.size(4);
      return kernel.reshape('c', kernel.size(0), kernel.size(1), pixels).permute(0, 2, 1);
    }

    /** Of cubes with more frames than the kernel's the first of each pair. */
    private INDArray seen(INDArray rows, long tubelet) {
      long values = scale.length();
      if (rows.size(1) == values) {
        return rows;
      }
      long frames = rows.size(0) * tubelet;
      INDArray all = rows.reshape('c', frames, rows.size(1) / values, values / tubelet);
      return slice(all, 0, 1).reshape('c', rows.size(0), values);
    }

    @Override
    public INDArray forward(INDArray cubes) {
      long tubelet = tensors.value(name + ".weight").size(2);
      pixels = seen(rows(cubes), tubelet).castTo(scale.dataType());
      pixels.muliRowVector(scale).addiRowVector(shift);
      INDArray kernel = pixelMajor(tensors.value(name + ".weight")).dup('c');
      INDArray matrix = kernel.reshape('c', kernel.size(0), scale.length());
      INDArray tokens = product(pixels, false, matrix, true);
      return like(cubes, tokens.addiRowVector(tensors.value(name + ".bias")));
    }

    @Override
    public INDArray backward(INDArray dy) {
      INDArray rows = rows(dy);
      rows.sum(tensors.gradient(name + ".bias"), 0);
      INDArray kernel = pixelMajor(tensors.gradient(name + ".weight"));
      kernel.assign(product(rows, true, pixels, false).reshape('c', kernel.shape()));
      return null;
    }
  }

  /**
   * {@code y = (f · x)·weightᵀ + bias}: {@code [batch, tokens, in]} → {@code [batch, tokens, out]},
   * or rows to rows, with dropout's factors f.
   */
  final class Dense implements Differentiable {
    private final TensorLayer tensors;
    private final String weight; // [out, in]
    private final String bias; // [out], null without
    private INDArray factors; // null for ones
    private INDArray input; // [rows, in]

    Dense(TensorLayer tensors, String name) {
      this(tensors, name + ".weight", name + ".bias");
    }

    Dense(TensorLayer tensors, String weight, String bias) {
      this.tensors = tensors;
      this.weight = weight;
      this.bias = bias;
    }

    @Override
    public void scale(INDArray factors) { // [rows, in]
      this.factors = factors;
    }

    @Override
    public INDArray forward(INDArray x) {
      INDArray rows = rows(x);
      input = factors == null ? rows : rows.mul(factors);
      INDArray y = product(input, false, tensors.value(weight), true);
      if (bias != null) {
        y.addiRowVector(tensors.value(bias));
      }
      return like(x, y);
    }

    @Override
    public INDArray backward(INDArray dy) {
      INDArray rows = rows(dy);
      product(rows, true, input, false, 1, tensors.gradient(weight));
      if (bias != null) {
        rows.sum(tensors.gradient(bias), 0);
      }
      INDArray dx = product(rows, false, tensors.value(weight), false);
      if (factors != null) {
        dx.muli(factors);
      }
      return like(dy, dx);
    }
  }

  /**
   * Puts the mask token behind the visible tokens, once for every other token of the clip: {@code
   * [batch, visible, dim]} → {@code [batch, tokens, dim]}.
   */
  final class MaskTokens implements Differentiable {
    private final TensorLayer tensors;
    private final String name; // [1, 1, dim]
    private final long count; // tokens of a whole clip
    private long visible;

    MaskTokens(TensorLayer tensors, String name, long count) {
      this.tensors = tensors;
      this.name = name;
      this.count = count;
    }

    @Override
    public INDArray forward(INDArray x) {
      visible = x.size(1);
      INDArray all = Nd4j.create(x.dataType(), new long[] {x.size(0), count, x.size(2)}, 'c');
      rows(all).addiRowVector(tensors.value(name).reshape(x.size(2)));
      slice(all, 0, visible).assign(x);
      return all;
    }

    @Override
    public INDArray backward(INDArray dy) {
      INDArray hidden = slice(dy, visible, count).dup('c');
      rows(hidden).sum(tensors.gradient(name).reshape(dy.size(2)), 0);
      return slice(dy, 0, visible).dup('c');
    }
  }

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
    private final TensorLayer tensors;
    private final String weight; // [dim]
    private final String bias; // [dim]
    private INDArray normal; // x̂ [rows, dim]
    private INDArray factor; // 1 / √(variance + 1e-6) [rows]

    Norm(TensorLayer tensors, String name) {
      this.tensors = tensors;
      this.weight = name + ".weight";
      this.bias = name + ".bias";
    }

    @Override
    public INDArray forward(INDArray x) {
      INDArray rows = rows(x);
      normal = rows.subColumnVector(rows.mean(1));
      factor = Nd4j.exec(new SquaredNorm(normal, false, 1));
      factor.divi(rows.size(1)).addi(ModelSpec.LAYER_NORM_EPSILON);
      Nd4j.exec(new RSqrt(factor, factor));
      normal.muliColumnVector(factor);
      INDArray y = normal.mulRowVector(tensors.value(weight)).addiRowVector(tensors.value(bias));
      return like(x, y);
    }

    @Override
    public INDArray backward(INDArray dy) {
      INDArray rows = rows(dy);
      rows.sum(tensors.gradient(bias), 0);
      Nd4j.exec(new Dot(rows, normal, tensors.gradient(weight), 0));
      INDArray g = rows.mulRowVector(tensors.value(weight));
      INDArray slope = Nd4j.exec(new Dot(g, normal, 1)).divi(g.size(1)); // mean(g·x̂) [rows]
      g.subiColumnVector(g.mean(1));
      g.subi(normal.mulColumnVector(slope)).muliColumnVector(factor);
      return like(dy, g);
    }
  }
}
