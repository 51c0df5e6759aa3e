package io.tubelet.engine.torch;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Cross-entropy with soft labels over {@code dense(norm(mean over tokens))} (arXiv 2203.12602,
 * section 4; the published code's head: the encoder has no norm of its own then).
 */
final class Classification implements Objective {
  private final Encoder encoder;
  private final Norm norm;
  private final Dense classifier;
  private final Portions portions;

  Classification(Encoder encoder, Weights weights, Portions portions) {
    this.encoder = encoder;
    this.norm = weights.norm("fc_norm");
    this.classifier = weights.dense("classifier");
    this.portions = portions;
  }

  @Override
  public Tensor backward(DeviceBatch batch) {
    Tensor loss = torch.zeros(new long[] {1}, portions.site().options(ScalarType.Double));
    for (DeviceBatch portion : portions.of(batch, batch.cubes().size(1))) {
      Scope.run(() -> backward(portion, batch.of(), loss));
    }
    return loss;
  }

  private void backward(DeviceBatch portion, int clips, Tensor loss) {
    try (Tape tape = portions.tape()) {
      Tensor logProbabilities = torch.log_softmax(scores(portion, tape), 1);
      Tensor sum = portion.labels().mul(logProbabilities).sum();
      Tensor share = sum.mul(new Scalar(-1.0 / clips));
      share.backward();
      tape.backward();
      loss.add_(share.detach());
    }
  }

  @Override
  public Tensor predict(DeviceBatch batch) {
    long tokens = batch.cubes().size(1);
    return portions.collect(batch, tokens, portion -> scores(portion, Tape.idle()));
  }

  /** {@code [batch, classes]}. */
  private Tensor scores(DeviceBatch batch, Tape tape) {
    Tensor encoded = tape.cut(encoder.apply(batch, tape));
    Tensor mean = encoded.mean(1).unsqueeze(1); // [batch, 1, dim]
    Tensor normed = norm.apply(mean);
    Tensor factors = batch.factors(batch.factors().size(1) - mean.size(2), mean.size(2));
    Tensor kept = factors == null ? normed : normed.mul(factors);
    return classifier.apply(kept, tape).squeeze(1).to(ScalarType.Float);
  }

  @Override
  public Tensor normalise(Tensor encoded) {
    return encoded;
  }

  @Override
  public void close() {}
}
