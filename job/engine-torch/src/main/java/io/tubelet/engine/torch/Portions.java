package io.tubelet.engine.torch;

import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * How a minibatch is cut into passes.
 *
 * @param site what suits the device and what the user wants
 */
record Portions(Site site) {

  /** The batch in portions, given that a network takes this many tokens of each clip. */
  List<DeviceBatch> of(DeviceBatch batch, long tokens) {
    int wanted = site.placement().passes().microBatch();
    int suits = site.clipsAtOnce(tokens);
    int most = wanted == 0 ? suits : Math.min(suits, wanted);
    return batch.portions(most);
  }

  /** What a function without gradients gives for all portions, one behind the other, fp32. */
  Tensor collect(DeviceBatch batch, long tokens, Function<DeviceBatch, Tensor> function) {
    TensorVector parts = new TensorVector();
    for (DeviceBatch portion : of(batch, tokens)) {
      parts.push_back(Scope.keep(() -> function.apply(portion).to(ScalarType.Float)));
    }
    return torch.cat(parts, 0);
  }

  /** A tape for one pass with gradients. */
  Tape tape() {
    return Tape.recording(site.placement().passes().recompute());
  }
}
