package io.tubelet.engine.dl4j.layer;

import io.tubelet.engine.dl4j.arithmetic.Affine;
import io.tubelet.engine.dl4j.arithmetic.Pixels;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Bytes to tokens: {@code cubes [batch, visible, cubeValues]} → {@code [batch, visible, dim]}.
 *
 * <p>The kernel {@code [dim, channel, tubelet, patch, patch]} is channel-major, the cubes are
 * pixel-major: the kernel is permuted for each pass, which is cheaper than permuting clips.
 */
public final class CubeEmbeddingLayer extends ParameterLayer {
  private static final String NAME = "videomae.embeddings.patch_embeddings.projection";

  private transient INDArray pixels; // [batch · visible, cubeValues]

  /** Called by the configuration. */
  public CubeEmbeddingLayer(NeuralNetConfiguration conf, DataType type, INDArray flat) {
    super(conf, type, flat);
  }

  private INDArray kernel(Views views) {
    INDArray kernel = views.get(NAME + ".weight");
    long pixelsOfCube = kernel.size(2) * kernel.size(3) * kernel.size(4);
    return kernel
        .reshape('c', kernel.size(0), kernel.size(1), pixelsOfCube)
        .permute(0, 2, 1); // [dim, pixelsOfCube, channel]
  }

  private static INDArray matrix(INDArray permuted) {
    return permuted.reshape('c', permuted.size(0), permuted.size(1) * permuted.size(2));
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    long rows = input.size(0) * input.size(1);
    Memory memory = Memory.forward(workspaces, training, dataType);
    INDArray weight = matrix(memory.copy(kernel(values()))); // [dim, cubeValues]
    pixels = memory.create(rows, weight.size(1));
    Pixels.normalise(input, pixels);
    INDArray tokens =
        Memory.output(workspaces, dataType).create(input.size(0), input.size(1), weight.size(0));
    new Affine(weight, values().get(NAME + ".bias"))
        .forward(pixels, tokens.reshape('c', rows, weight.size(0)));
    return tokens;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    Memory memory = Memory.backward(workspaces, dataType);
    INDArray kernel = kernel(gradients());
    INDArray weight = memory.create(kernel.shape()); // [dim, pixelsOfCube, channel]
    INDArray tokens = epsilon.reshape('c', pixels.size(0), epsilon.size(2));
    Affine gradient = new Affine(matrix(weight), gradients().get(NAME + ".bias"));
    Affine.gradient(pixels, tokens, gradient);
    kernel.assign(weight);
    return result(null);
  }

  @Override
  public void clear() {
    super.clear();
    pixels = null;
  }
}
