package io.tubelet.engine.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

record Dense(Tensor weight, Tensor bias, ScalarType type, long from, long count) {
  Dense(Tensor weight, Tensor bias, ScalarType type) {
    this(weight, bias, type, 0, weight.size(0));
  }

  Tensor apply(Tensor x, Tape tape) {
    if (!Boolean.getBoolean("dnn")) {
      Tensor w = weight.narrow(0, from, count);
      TensorOptional shift =
          bias == null
              ? new TensorOptional()
              : new TensorOptional(cast(bias.narrow(0, from, count)));
      return torch.linear(cast(x), cast(w), shift);
    }
    Tensor v = x.detach();
    Tensor y = OneDnn.linear(v, part(weight), bias == null ? null : part(bias));
    if (!tape.isRecording()) return y;
    return tape.splice(y, g -> backward(x, g), x);
  }

  private Tensor part(Tensor t) {
    return t.detach().narrow(0, from, count);
  }

  private void backward(Tensor x, Tensor g) {
    Tensor rows = g.flatten(0, -2);
    Tensor in = x.detach().flatten(0, -2);
    if (!weight.grad().defined()) {
      if (count == weight.size(0)) {
        weight.mutable_grad().put(rows.t().mm(in));
      } else {
        weight.mutable_grad().put(torch.zeros_like(weight.detach()));
        weight.grad().narrow(0, from, count).addmm_(rows.t(), in);
      }
    } else {
      weight.grad().narrow(0, from, count).addmm_(rows.t(), in);
    }
    if (bias != null) {
      if (!bias.grad().defined()) bias.mutable_grad().put(torch.zeros_like(bias.detach()));
      bias.grad().narrow(0, from, count).add_(rows.sum(0));
    }
    if (x.requires_grad()) Tape.backward(x, OneDnn.linear(g, part(weight).t(), null));
  }

  Dense outputs(long from, long count) {
    return new Dense(weight, bias, type, from, count);
  }

  private Tensor cast(Tensor x) {
    return Site.type(x) == type ? x : x.to(type);
  }
}
