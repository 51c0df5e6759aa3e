package io.tubelet.engine.torch;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.engine.torch.Block.Dense;
import io.tubelet.engine.torch.Block.Norm;
import io.tubelet.engine.torch.Network.Encoder;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Task;
import io.tubelet.model.Task.PixelLoss;
import io.tubelet.model.Transformer;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Mean {@link PixelLoss} on hidden cubes (arXiv 2203.12602, equation 1). The decoder takes few
 * clips at a time, forward and at once backward, so that its memory does not grow with the batch.
 */
final class Reconstruction implements Network.Objective {
  private final Encoder encoder;
  private final Dense toDecoder;
  private final Decoder decoder;
  private final Target target;
  private final TorchDevice device;
  private final PixelLoss kind;
  private final long from; // of a cube's values, the first that is compared
  private final long values; // and how many are

  Reconstruction(Encoder encoder, Weights weights) {
    ModelSpec model = weights.layout().model();
    Task.Pretraining task = model.pretraining();
    this.encoder = encoder;
    this.toDecoder = weights.dense("encoder_to_decoder");
    this.decoder = Decoder.of(weights);
    this.target = new Target(model, task.normalisedTarget());
    this.device = weights.device();
    this.kind = task.loss();
    this.from = task.frames().from(model.geometry());
    this.values = task.frames().count(model.geometry());
  }

  @Override
  public void backward(DeviceBatch encoded, Tape tape, Tensor loss) {
    Tensor projected = tape.cut(project(encoded, tape)); // [batch, visible, dim]
    long done = 0;
    for (DeviceBatch clips : encoded.microBatches(device, encoded.cubes().size(1))) {
      Tensor part = projected.narrow(0, done, clips.size());
      Scope.run(() -> decode(part, clips, loss));
      done += clips.size();
    }
  }

  /** The encoder's tokens in the decoder's width: {@code [batch, visible, dim]}. */
  private Tensor project(DeviceBatch batch, Tape tape) {
    Tensor encoded = encoder.apply(batch, tape);
    return Scope.keep(() -> toDecoder.apply(encoder.normalise(encoded), tape));
  }

  /** Adds these clips' part of the loss, and of the gradient to the weights and the tokens. */
  private void decode(Tensor projected, DeviceBatch clips, Tensor loss) {
    double count = (double) clips.of() * clips.hidden() * values;
    try (Tape tape = device.tape()) {
      Tensor predicted = decoder.apply(projected, clips.order(), tape);
      Tensor gradient = predicted.detach().to(ScalarType.Float);
      Tensor error = gradient.narrow(2, from, values); // a view
      Tensor cubes = clips.cubes().narrow(1, clips.visible(), clips.hidden());
      target.subtract(error, cubes.narrow(2, from, values));
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
  public Tensor predict(DeviceBatch clips, Tape tape) {
    return decoder.apply(project(clips, tape), clips.order(), tape);
  }

  /**
   * From the projected tokens to predicted hidden cubes (arXiv 2203.12602, section 3.3):
   *
   * <pre>
   * [visible + positions ; mask token + positions] → blocks → norm, dense(hidden)
   * </pre>
   *
   * <p>Nothing behind the last block's attention looks at visible tokens, so that block answers for
   * hidden ones only.
   *
   * @param maskToken {@code [1, 1, dim]}
   * @param positions {@code [tokens, dim]}
   */
  private record Decoder(
      Tensor maskToken, Tensor positions, List<Block> blocks, Norm norm, Dense head) {

    static Decoder of(Weights weights) {
      Transformer size = weights.layout().model().pretraining().decoder();
      return new Decoder(
          weights.get("mask_token"),
          Encoder.positions(weights, size.dim()),
          Block.all(weights, "decoder.decoder_layers.", size),
          weights.norm("decoder.norm"),
          weights.dense("decoder.head"));
    }

    /**
     * From {@code projected [batch, visible, dim]} and the token index of each row {@code [batch,
     * rows]}, visible first, to predicted hidden cubes {@code [batch, hidden, cubeValues]}.
     */
    Tensor apply(Tensor projected, Tensor order, Tape tape) {
      long visible = projected.size(1);
      Tensor x = Scope.keep(() -> sequence(projected, order)); // [batch, rows, dim]
      for (int i = 0; i < blocks.size(); i++) {
        Block block = blocks.get(i);
        long from = i == blocks.size() - 1 ? visible : 0;
        x = tape.segment(x, (input, inner) -> block.apply(input, from, null, inner));
      }
      Tensor hidden = x;
      return Scope.keep(() -> head.apply(norm.apply(hidden), tape));
    }

    private Tensor sequence(Tensor projected, Tensor order) {
      long visible = projected.size(1);
      Tensor places = Encoder.rows(positions, order);
      Tensor seen = places.narrow(1, 0, visible).add(projected);
      Tensor hidden = places.narrow(1, visible, order.size(1) - visible).add(maskToken);
      return torch.cat(new TensorVector(seen, hidden), 1);
    }
  }

  /**
   * The decoder's target of a cube (arXiv 2203.12602, section 3.1, as the published code has it):
   *
   * <pre>
   * target = (p − m) / (√v + 255 · 1e-6)                               m, v of cube and channel
   * </pre>
   *
   * where v is unbiased; without normalisation {@code p/255}. Bytes are centred first, {@code u = p
   * − 128}: the sums of u and u² over the 512 bytes of a channel are then integers below 2²⁴, which
   * fp32 adds without any rounding and in any order.
   */
  static final class Target {
    private final boolean normalised;
    private final long row; // values of a row of a patch, channels alternating

    Target(ModelSpec model, boolean normalised) {
      this.normalised = normalised;
      this.row = (long) model.clips().patch() * ClipGeometry.CHANNELS;
    }

    /**
     * Subtracts the target from a prediction {@code [..., values]}, fp32, part of no graph: of
     * whole cubes, or of some of their frames; uint8 {@code cubes} have that shape.
     */
    void subtract(Tensor prediction, Tensor cubes) {
      long rows = prediction.size(-1) / row;
      Tensor error = prediction.view(-1, rows, row); // [cubes, rows, row]
      Tensor pixels = Encoder.centred(cubes).reshape(-1, rows, row);
      if (!normalised) {
        error
            .sub_(pixels, new Scalar(1 / Encoder.SCALE))
            .sub_(new Scalar(Encoder.CENTRE / Encoder.SCALE));
        return;
      }
      double count = (double) rows * row / ClipGeometry.CHANNELS;
      Tensor sums = perChannel(pixels);
      Tensor mean = sums.div(new Scalar(count));
      Tensor variance = perChannel(pixels.square()).sub(sums.mul(mean)).div(new Scalar(count - 1));
      Tensor inverse =
          variance.sqrt().add(new Scalar(Encoder.SCALE * ModelSpec.TARGET_EPSILON)).reciprocal();
      error.add_(perValue(mean.mul(inverse))).addcmul_(pixels, perValue(inverse), new Scalar(-1));
    }

    /** Sums {@code [cubes, rows, row] → [cubes, channels]}, fp64: first all rows, as they lie. */
    private static Tensor perChannel(Tensor values) {
      Tensor sums = values.sum(1L); // [cubes, row]
      return sums.view(sums.size(0), -1, ClipGeometry.CHANNELS).sum(1L).to(ScalarType.Double);
    }

    /** {@code [cubes, channels] → [cubes, 1, row]}, fp32. */
    private Tensor perValue(Tensor channels) {
      return channels.to(ScalarType.Float).repeat(1, row / ClipGeometry.CHANNELS).unsqueeze(1);
    }
  }
}
