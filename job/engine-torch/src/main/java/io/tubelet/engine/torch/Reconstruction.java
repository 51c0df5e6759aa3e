package io.tubelet.engine.torch;

import io.tubelet.model.ModelSpec;
import io.tubelet.model.Task;
import io.tubelet.model.Task.PixelLoss;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Mean {@link PixelLoss} on hidden cubes (arXiv 2203.12602, equation 1). The decoder takes few
 * clips at a time, forward and at once backward, so that its memory does not grow with the batch.
 */
final class Reconstruction implements Objective {
  private final Encoder encoder;
  private final Decoder decoder;
  private final Pixels pixels;
  private final Portions portions;
  private final PixelLoss kind;
  private final long from; // of a cube's values, the first that is compared
  private final long values; // and how many are

  Reconstruction(
      Encoder encoder, Decoder decoder, Pixels pixels, Portions portions, ModelSpec model) {
    Task.Pretraining task = model.pretraining();
    this.kind = task.loss();
    this.from = task.frames().from(model.geometry());
    this.values = task.frames().count(model.geometry());
    this.encoder = encoder;
    this.decoder = decoder;
    this.pixels = pixels;
    this.portions = portions;
  }

  @Override
  public Tensor backward(DeviceBatch batch) {
    Tensor loss = torch.zeros(new long[] {1}, portions.site().options(ScalarType.Double));
    double count = (double) batch.of() * batch.hidden() * values;
    for (DeviceBatch portion : portions.of(batch, batch.visible())) {
      Scope.run(() -> backward(portion, count, loss));
    }
    return loss;
  }

  private void backward(DeviceBatch portion, double count, Tensor loss) {
    try (Tape tape = portions.tape()) {
      Tensor projected = tape.cut(project(portion, tape)); // [batch, visible, dim]
      long done = 0;
      for (DeviceBatch clips : portions.of(portion, portion.cubes().size(1))) {
        Tensor part = projected.narrow(0, done, clips.size());
        Scope.run(() -> decode(part, clips, count, loss));
        done += clips.size();
      }
      tape.backward();
    }
  }

  private Tensor project(DeviceBatch batch, Tape tape) {
    Tensor encoded = encoder.apply(batch, tape);
    return Scope.keep(() -> decoder.project(encoded, tape));
  }

  /**
   * Adds these clips' part of the loss; their gradient goes to the weights and {@code projected}.
   */
  private void decode(Tensor projected, DeviceBatch clips, double count, Tensor loss) {
    try (Tape tape = portions.tape()) {
      Tensor predicted = decoder.apply(projected, clips.order(), tape);
      Tensor gradient = predicted.detach().to(ScalarType.Float);
      Tensor error = gradient.narrow(2, from, values); // a view
      pixels.subtractTarget(error, clips.hiddenCubes().narrow(2, from, values));
      loss.add_(cost(error).to(ScalarType.Double).sum(), new Scalar(1 / count));
      slope(error).mul_(new Scalar(1 / count));
      gradient.narrow(2, 0, from).zero_(); // what is not compared
      gradient.narrow(2, from + values, gradient.size(2) - from - values).zero_();
      Tape.backward(predicted, gradient.to(predicted.scalar_type()));
      tape.backward();
    }
  }

  /** {@code [batch, hidden, values]} → what each cube costs {@code [batch, hidden]}. */
  private Tensor cost(Tensor error) {
    return switch (kind) {
      case MSE -> length(error, 2).to(ScalarType.Double).square();
      case L1 -> length(error, 1);
      case SMOOTH_L1 -> {
        Tensor slope = slope(error.clone());
        yield error.sub(slope, new Scalar(0.5)).mul_(slope).sum(2L);
      }
    };
  }

  private static Tensor length(Tensor error, int order) {
    return torch.linalg_vector_norm(
        error, new Scalar(order), new long[] {2}, false, new ScalarTypeOptional());
  }

  /** The derivative of the cost, in place. */
  private Tensor slope(Tensor error) {
    return switch (kind) {
      case MSE -> error.mul_(new Scalar(2));
      case L1 -> error.sign_();
      case SMOOTH_L1 ->
          error.clamp_(new ScalarOptional(new Scalar(-1)), new ScalarOptional(new Scalar(1)));
    };
  }

  @Override
  public Tensor predict(DeviceBatch batch) {
    Tape idle = Tape.idle();
    return portions.collect(
        batch,
        batch.cubes().size(1),
        portion -> decoder.apply(project(portion, idle), portion.order(), idle));
  }

  @Override
  public Tensor normalise(Tensor encoded) {
    return decoder.normalise(encoded);
  }

  @Override
  public void close() {
    decoder.close();
  }
}
