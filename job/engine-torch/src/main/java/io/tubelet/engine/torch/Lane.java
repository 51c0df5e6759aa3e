package io.tubelet.engine.torch;

import io.tubelet.model.ModelSpec;
import io.tubelet.model.Task;
import org.bytedeco.pytorch.Tensor;

/**
 * The network as one thread computes it: layers over weights whose values all lanes share and whose
 * gradients are the lane's own.
 */
final class Lane implements AutoCloseable {
  private final Site site;
  private final Weights weights;
  private final Portions portions;
  private final Attention attention;
  private final Pixels pixels;
  private final Encoder encoder;
  private final Objective objective;

  /** Closes {@code weights} when it is closed. */
  Lane(Weights weights, Site site) {
    this.site = site;
    this.weights = weights;
    this.portions = new Portions(site);
    this.attention = new Attention(site);
    ModelSpec model = weights.layout().model();
    boolean normalised = model.task() instanceof Task.Pretraining task && task.normalisedTarget();
    this.pixels = new Pixels(model.geometry(), normalised, site);
    this.encoder = new Encoder(weights, attention, pixels, site);
    this.objective = objective();
  }

  private Objective objective() {
    ModelSpec model = weights.layout().model();
    if (model.task() instanceof Task.Pretraining) {
      Decoder decoder = new Decoder(weights, attention, site);
      return new Reconstruction(encoder, decoder, pixels, portions, model);
    }
    return new Classification(encoder, weights, portions);
  }

  Site site() {
    return site;
  }

  Weights weights() {
    return weights;
  }

  /** As {@link Objective#backward}. */
  Tensor backward(DeviceBatch batch) {
    return objective.backward(batch);
  }

  /** As {@link Objective#predict}, without gradients. */
  Tensor predict(DeviceBatch batch) {
    return Scope.untracked(() -> objective.predict(batch));
  }

  /** As {@link io.tubelet.engine.Engine#encode}, without gradients. */
  Tensor encode(DeviceBatch batch) {
    Tape idle = Tape.idle();
    return Scope.untracked(
        () ->
            portions.collect(
                batch, batch.visible(), part -> objective.normalise(encoder.apply(part, idle))));
  }

  /** Frees what an interrupted pass left; the lane can be used on. */
  void recover() {
    attention.close();
  }

  @Override
  public void close() {
    objective.close();
    encoder.close();
    pixels.close();
    attention.close();
    weights.close();
  }
}
