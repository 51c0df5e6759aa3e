package io.tubelet.engine.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * {@code y = x · weightᵀ + bias}: {@code [..., in] → [..., out]}.
 *
 * @param weight {@code [out, in]}, fp32
 * @param bias {@code [out]}, or null
 * @param type in which the product is computed and returned
 */
record Dense(Tensor weight, Tensor bias, ScalarType type) {

  Tensor apply(Tensor x) {
    TensorOptional shift = bias == null ? new TensorOptional() : new TensorOptional(cast(bias));
    return torch.linear(cast(x), cast(weight), shift);
  }

  /** The layer that computes only {@code count} of the outputs. */
  Dense outputs(long from, long count) {
    return new Dense(weight.narrow(0, from, count), bias.narrow(0, from, count), type);
  }

  private Tensor cast(Tensor x) {
    return Site.type(x) == type ? x : x.to(type);
  }
}
