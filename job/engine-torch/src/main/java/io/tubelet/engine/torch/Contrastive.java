package io.tubelet.engine.torch;

import io.tubelet.engine.torch.Block.Norm;
import io.tubelet.engine.torch.Network.Encoder;
import io.tubelet.model.Parameter;
import io.tubelet.model.Task;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * MoCo v3 (arXiv 2104.02057, algorithm 1) of clips 2 · i and 2 · i + 1, which are views of one:
 *
 * <pre>
 * q = unit(predictor(projector(feature)))      k = unit(momentum projector(momentum feature))
 * loss = ctr(q1, k2) + ctr(q2, k1)             ctr(q, k) = 2τ · crossEntropy(q · kᵀ / τ, diagonal)
 * </pre>
 *
 * <p>Every clip is in the loss of every other, but encoders take as many at a time as suits a
 * worker. So features of all are computed without gradients, then the loss and its gradient by
 * them, and then each clip is encoded again to take its feature's gradient on (arXiv 2101.06983):
 * the same gradient, for a forward pass more, in the memory of a micro-batch.
 */
record Contrastive(Encoder encoder, Encoder momentum, Weights weights)
    implements Network.Objective {
  private static final double BATCH_NORM_EPSILON = 1e-5; // PyTorch's
  private static final double SHORTEST = 1e-12; // likewise, of what has its length divided out

  /**
   * Of a whole minibatch.
   *
   * @param value fp64 {@code [1]}
   * @param gradient by the encoder's features {@code [batch, dim]}
   */
  record Loss(Tensor value, Tensor gradient) {}

  Contrastive(Encoder encoder, Weights weights) {
    this(encoder, new Encoder(weights, Parameter.MOMENTUM), weights);
  }

  /** Takes the gradient on that {@link #loss} has found; of the loss itself nothing is left. */
  @Override
  public void backward(DeviceBatch clips, Tape tape, Tensor loss) {
    Tape.backward(feature(encoder, clips, tape), clips.labels());
  }

  /** Features of encoder and momentum encoder side by side, {@code [batch, 2 · dim]}. */
  @Override
  public Tensor predict(DeviceBatch clips, Tape tape) {
    Tensor own = feature(encoder, clips, tape);
    return torch.cat(new TensorVector(own, feature(momentum, clips, tape)), 1);
  }

  private static Tensor feature(Encoder encoder, DeviceBatch clips, Tape tape) {
    return encoder.normalise(tape.cut(encoder.apply(clips, tape))).mean(1);
  }

  /** Adds the gradients of projector and predictor to theirs. */
  Loss loss(Tensor features) {
    return Scope.tracked(() -> tracked(features));
  }

  private Loss tracked(Tensor features) {
    long dim = features.size(1) / 2;
    Tensor own = features.narrow(1, 0, dim).contiguous().set_requires_grad(true);
    List<Tensor> queries =
        views(own).map(x -> unit(mlp("predictor.", mlp("projector.", x)))).toList();
    List<Tensor> keys =
        Scope.untracked(
            () ->
                views(features.narrow(1, dim, dim))
                    .map(x -> unit(mlp(Parameter.MOMENTUM + "projector.", x)))
                    .toList());
    Tensor loss = contrast(queries.get(0), keys.get(1)).add(contrast(queries.get(1), keys.get(0)));
    loss.backward();
    return new Loss(loss.detach(), own.grad());
  }

  /** First and second view of each clip, {@code [clips, dim]}. */
  private static Stream<Tensor> views(Tensor features) {
    Tensor pairs = features.view(-1, 2, features.size(1));
    return Stream.of(pairs.select(1, 0), pairs.select(1, 1));
  }

  private static Tensor contrast(Tensor queries, Tensor keys) {
    double t = Task.Contrastive.TEMPERATURE;
    Tensor cosines = queries.matmul(keys.t());
    Tensor likelihoods = torch.log_softmax(cosines.div(new Scalar(t)), 1);
    return likelihoods.diagonal().mean().mul(new Scalar(-2 * t));
  }

  private static Tensor unit(Tensor x) {
    Tensor length = x.norm(new ScalarOptional(new Scalar(2)), new long[] {1}, true);
    return x.div(length.clamp_min(new Scalar(SHORTEST)));
  }

  /** Dense layers, each with the batch norm of these rows, and ReLUs between them. */
  private Tensor mlp(String name, Tensor input) {
    Tensor x = input;
    for (int at = 0; weights.get(name + at + ".weight") != null; at += 3) {
      Norm scale = weights.norm(name + (at + 1)); // of nulls behind the last layer
      x =
          torch.batch_norm(
              torch.linear(at == 0 ? x : x.relu(), weights.get(name + at + ".weight")),
              optional(scale.weight()),
              optional(scale.bias()),
              new TensorOptional(),
              new TensorOptional(),
              true,
              0,
              BATCH_NORM_EPSILON,
              false);
    }
    return x;
  }

  private static TensorOptional optional(Tensor tensor) {
    return tensor == null ? new TensorOptional() : new TensorOptional(tensor);
  }
}
