package io.tubelet.engine.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * {@code y = x · weightᵀ + bias}: {@code [batch, rows, in] → [batch, rows, count]}.
 *
 * <p>In fp32 on a processor the product is {@link OneDnn}'s and the derivative is written here;
 * else both are LibTorch's.
 *
 * @param weight {@code [out, in]}, fp32
 * @param bias {@code [out]}, or null
 * @param from first output that is computed
 * @param count how many outputs are computed
 * @param site tells the type of the product
 */
record Dense(Tensor weight, Tensor bias, long from, long count, Site site) {

  /** All outputs. */
  Dense(Tensor weight, Tensor bias, Site site) {
    this(weight, bias, 0, weight.size(0), site);
  }

  /** The layer that computes only {@code count} of the outputs. */
  Dense outputs(long from, long count) {
    return new Dense(weight, bias, from, count, site);
  }

  /** {@code y}. */
  Tensor apply(Tensor x, Tape tape) {
    if (!site.takesOneDnn()) {
      return autograd(x);
    }
    Tensor y = value(x);
    return tape.isRecording() ? tape.splice(y, g -> backward(x, g), x) : y;
  }

  /** {@code stream + y}, fp32; the stream has the shape of y. */
  Tensor addTo(Tensor stream, Tensor x, Tape tape) {
    if (!site.takesOneDnn()) {
      return stream.add(autograd(x));
    }
    Tensor sum = value(x).add_(stream.detach());
    if (!tape.isRecording()) {
      return sum;
    }
    return tape.splice(
        sum,
        g -> {
          backward(x, g);
          Tape.backward(stream, g); // last: from here on the gradient is the stream's to change
        },
        x,
        stream);
  }

  private Tensor autograd(Tensor x) {
    TensorOptional shift =
        bias == null ? new TensorOptional() : new TensorOptional(cast(part(bias)));
    return torch.linear(cast(x), cast(part(weight)), shift);
  }

  private Tensor value(Tensor x) {
    Tensor shift = bias == null ? null : part(bias.detach());
    return OneDnn.product(x.detach(), part(weight.detach()), shift);
  }

  /** dW = gᵀ · x, db = sum of g, dx = g · W. */
  private void backward(Tensor x, Tensor gradient) {
    Tensor rows = gradient.flatten(0, 1); // [batch · rows, count]
    addProduct(rows.t(), x.detach().flatten(0, 1));
    if (bias != null) {
      part(gradientOf(bias)).add_(rows.sum(0));
    }
    if (x.requires_grad()) {
      Tape.backward(x, OneDnn.product(gradient, part(weight.detach()).t(), null));
    }
  }

  private void addProduct(Tensor a, Tensor b) {
    if (count == weight.size(0) && !weight.grad().defined()) {
      weight.mutable_grad().put(site.products().multiply(a, b));
    } else {
      site.products().add(part(gradientOf(weight)), a, b);
    }
  }

  private static Tensor gradientOf(Tensor leaf) {
    if (!leaf.grad().defined()) {
      leaf.mutable_grad().put(torch.zeros_like(leaf.detach()));
    }
    return leaf.grad();
  }

  private Tensor part(Tensor all) {
    return count == weight.size(0) ? all : all.narrow(0, from, count);
  }

  private Tensor cast(Tensor x) {
    ScalarType type = site.product();
    return Site.type(x) == type ? x : x.to(type);
  }
}
