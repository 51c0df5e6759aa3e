package io.tubelet.engine.torch;

import io.tubelet.model.ModelSpec;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Layer norm over the last axis, biased variance, always in fp32 (arXiv 1607.06450).
 *
 * @param weight {@code [dim]}
 * @param bias {@code [dim]}
 */
record Norm(Tensor weight, Tensor bias) {

  /** {@code [..., dim] → [..., dim]}. */
  Tensor apply(Tensor x) {
    return torch.layer_norm(
        x,
        new long[] {weight.size(0)},
        new TensorOptional(weight),
        new TensorOptional(bias),
        ModelSpec.LAYER_NORM_EPSILON,
        true);
  }
}
