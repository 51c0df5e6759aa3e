package io.tubelet.engine.dl4j.layer;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.ModelSpec;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Bytes to tokens: cubes, uint8 {@code [batch, visible, cubeValues]}, → {@code [batch, visible,
 * dim]}. A value is {@code (byte / 255 − mean) / std} of its channel.
 *
 * <p>The kernel {@code [dim, channel, tubelet, patch, patch]} is channel-major, the cubes are
 * pixel-major: the kernel is permuted for each pass, which is cheaper than permuting clips.
 */
final class CubeEmbedding implements Differentiable {
  private final Tensors tensors;
  private final String name;
  private final INDArray scale; // [cubeValues]
  private final INDArray shift; // [cubeValues]
  private INDArray pixels; // [batch · visible, cubeValues]

  CubeEmbedding(Tensors tensors, String name) {
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

  @Override
  public INDArray forward(INDArray cubes) {
    pixels = Differentiable.rows(cubes).castTo(scale.dataType());
    pixels.muliRowVector(scale).addiRowVector(shift);
    INDArray kernel = pixelMajor(tensors.value(name + ".weight")).dup('c');
    INDArray matrix = kernel.reshape('c', kernel.size(0), scale.length());
    INDArray tokens = Differentiable.product(pixels, false, matrix, true);
    return Differentiable.like(cubes, tokens.addiRowVector(tensors.value(name + ".bias")));
  }

  @Override
  public INDArray backward(INDArray dy) {
    INDArray rows = Differentiable.rows(dy);
    rows.sum(tensors.gradient(name + ".bias"), 0);
    INDArray kernel = pixelMajor(tensors.gradient(name + ".weight"));
    kernel.assign(Differentiable.product(rows, true, pixels, false).reshape('c', kernel.shape()));
    return null;
  }
}
