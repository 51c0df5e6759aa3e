package io.tubelet.engine.torch.bench;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Task;
import io.tubelet.model.Transformer;

/**
 * Arithmetic of a network as the papers count it: products only, every token embedded, every block
 * for every token. An engine may do less; the count says what it did for the user.
 */
public final class Flops {
  private Flops() {}

  /**
   * Multiply-accumulates of one clip forward.
   *
   * @param visible tokens the encoder sees
   */
  public static long forward(ModelSpec model, int visible) {
    ClipGeometry geometry = model.geometry();
    Transformer encoder = model.encoder();
    long tokens = geometry.tokens();
    long sum = tokens * geometry.cubeValues() * encoder.dim() + blocks(encoder, visible);
    if (model.task() instanceof Task.Pretraining task) {
      Transformer decoder = task.decoder();
      long hidden = tokens - visible;
      return sum
          + (long) visible * encoder.dim() * decoder.dim()
          + blocks(decoder, tokens)
          + hidden * decoder.dim() * geometry.cubeValues();
    }
    return sum + (long) encoder.dim() * model.classification().classes();
  }

  /** Floating-point operations of one clip in a training step: two a product, backward is twice. */
  public static double training(ModelSpec model, int visible) {
    return 6.0 * forward(model, visible);
  }

  private static long blocks(Transformer size, long tokens) {
    long dim = size.dim();
    long dense = tokens * dim * (4 * dim + 2L * size.mlpDim());
    long attention = 2 * tokens * tokens * dim;
    return size.depth() * (dense + attention);
  }
}
