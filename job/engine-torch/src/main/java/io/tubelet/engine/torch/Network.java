package io.tubelet.engine.torch;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.engine.torch.Block.Dense;
import io.tubelet.engine.torch.Block.Norm;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Task;
import io.tubelet.model.Transformer;
import java.util.List;
import java.util.function.BiFunction;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The network as one worker computes it: layers over weights whose values all workers share and
 * whose gradients are the worker's own.
 */
record Network(Weights weights, Encoder encoder, Objective objective) implements AutoCloseable {

  sealed interface Objective permits Reconstruction, Contrastive, Classification, Detection {

    /**
     * Adds these clips' part of the mean loss to {@code loss}, and of its gradient to the weights'
     * gradients and the graphs of the tape, which goes back over them afterwards.
     */
    void backward(DeviceBatch clips, Tape tape, Tensor loss);

    /**
     * What the network answers: class scores {@code [batch, classes]} or {@code [batch, boxes,
     * classes]}, fp32, predicted hidden cubes {@code [batch, hidden, cubeValues]}, or features.
     */
    Tensor predict(DeviceBatch clips, Tape tape);
  }

  /** Closes {@code weights} when it is closed. */
  static Network of(Weights weights) {
    Encoder encoder = new Encoder(weights, "");
    return new Network(weights, encoder, objective(encoder, weights));
  }

  private static Objective objective(Encoder encoder, Weights weights) {
    Task task = weights.layout().model().task();
    if (task instanceof Task.Pretraining) {
      return new Reconstruction(encoder, weights);
    } else if (task instanceof Task.Contrastive) {
      return new Contrastive(encoder, weights);
    } else if (task instanceof Task.Detection) {
      return new Detection(encoder, weights);
    }
    return new Classification(encoder, weights);
  }

  /**
   * Adds these clips' part of the gradient of the mean loss to the weights' gradients.
   *
   * @return their part of the mean loss, fp64 {@code [1]} on the device
   */
  Tensor backward(DeviceBatch batch) {
    TorchDevice device = weights.device();
    Tensor loss = torch.zeros(new long[] {1}, device.options(ScalarType.Double));
    for (DeviceBatch clips : batch.microBatches(device, batch.visible())) {
      Scope.run(
          () -> {
            try (Tape tape = device.tape()) {
              Scope.tracked(() -> objective.backward(clips, tape, loss));
              tape.backward();
            }
          });
    }
    return loss;
  }

  /** As {@link Objective#predict}, without gradients, fp32. */
  Tensor predict(DeviceBatch batch) {
    return collect(batch, batch.cubes().size(1), objective::predict);
  }

  /** As {@link io.tubelet.engine.Engine#encode}, without gradients. */
  Tensor encode(DeviceBatch batch) {
    return collect(
        batch, batch.visible(), (clips, idle) -> encoder.normalise(encoder.apply(clips, idle)));
  }

  /** What a function gives for all micro-batches, one after the other, fp32. */
  private Tensor collect(
      DeviceBatch batch, long tokens, BiFunction<DeviceBatch, Tape, Tensor> function) {
    Tape idle = Tape.idle();
    return Scope.untracked(
        () -> {
          TensorVector parts = new TensorVector();
          for (DeviceBatch clips : batch.microBatches(weights.device(), tokens)) {
            parts.push_back(Scope.keep(() -> function.apply(clips, idle).to(ScalarType.Float)));
          }
          return torch.cat(parts, 0);
        });
  }

  @Override
  public void close() {
    weights.close();
  }

  /**
   * Embeds cubes, adds their positions and applies the encoder's blocks (arXiv 2203.12602, section
   * 3.3). It embeds only the tokens it is given, which is the same: each is embedded by itself.
   *
   * <p>From bytes to its input: {@code (p/255 − mean_c) / std_c}, with ImageNet's mean and std.
   */
  static final class Encoder {
    /** Bytes are centred first, in the target of {@link Reconstruction} too. */
    static final double CENTRE = 128;

    static final double SCALE = 255;

    private final int tubelet;
    private final Tensor factor; // [cubeValues]
    private final Tensor shift; // [cubeValues]
    private final Dense embedding;
    private final Tensor positions; // [tokens, dim]
    private final List<Block> blocks;
    private final Norm norm; // null in a classifier

    /**
     * @param prefix of its tensors' names
     */
    Encoder(Weights weights, String prefix) {
      ModelSpec model = weights.layout().model();
      Transformer size = model.encoder();
      int values = model.geometry().cubeValues();
      this.tubelet = model.geometry().tubelet();
      float[] factors = new float[values];
      float[] shifts = new float[values];
      for (int i = 0; i < values; i++) {
        int channel = i % ClipGeometry.CHANNELS;
        double std = ModelSpec.pixelStd(channel);
        factors[i] = (float) (1 / (SCALE * std));
        shifts[i] = (float) ((CENTRE / SCALE - ModelSpec.pixelMean(channel)) / std);
      }
      this.factor = weights.table(factors, values);
      this.shift = weights.table(shifts, values);
      this.embedding = weights.dense(prefix + "videomae.embeddings.patch_embeddings.projection");
      this.positions = positions(weights, size.dim());
      this.blocks = Block.all(weights, prefix + "videomae.encoder.layer.", size);
      this.norm =
          model.task() instanceof Task.Classification
              ? null
              : weights.norm(prefix + "videomae.layernorm");
    }

    /** The position table {@code [tokens, dim]}. */
    static Tensor positions(Weights weights, int dim) {
      int tokens = weights.layout().model().geometry().tokens();
      return weights.table(Transformer.positions(tokens, dim), tokens, dim);
    }

    /** Rows of a table by token index: {@code [batch, rows] → [batch, rows, dim]}. */
    static Tensor rows(Tensor table, Tensor indices) {
      return table
          .index_select(0, indices.flatten())
          .view(indices.size(0), indices.size(1), table.size(1));
    }

    /** uint8 → fp32 of the same shape, −128 … 127. */
    static Tensor centred(Tensor cubes) {
      return cubes.to(ScalarType.Float).sub_(new Scalar(CENTRE));
    }

    /**
     * Of cubes with more frames than the network's the first of each pair: {@code [.., values]}.
     */
    private Tensor seen(Tensor cubes) {
      long values = factor.size(0);
      if (cubes.size(2) == values) {
        return cubes;
      }
      return cubes
          .view(cubes.size(0), cubes.size(1), tubelet, -1)
          .narrow(3, 0, values / tubelet)
          .reshape(cubes.size(0), cubes.size(1), values);
    }

    /** The encoder's tokens {@code [batch, visible, dim]}, before any norm. */
    Tensor apply(DeviceBatch batch, Tape tape) {
      Tensor cubes = batch.cubes().narrow(1, 0, batch.visible());
      Tensor order = batch.order().narrow(1, 0, batch.visible());
      Tensor input = torch.addcmul(shift, centred(seen(cubes)), factor);
      Tensor x = Scope.keep(() -> rows(positions, order).add_(embedding.apply(input, tape)));
      for (int i = 0; i < blocks.size(); i++) {
        Block block = blocks.get(i);
        Tensor factors = batch.factors(2L * i, 2); // [batch, 1, branches]
        x = tape.segment(x, (tokens, inner) -> block.apply(tokens, 0, factors, inner));
      }
      return x;
    }

    Tensor normalise(Tensor encoded) {
      return norm == null ? encoded : norm.apply(encoded);
    }
  }

  /**
   * Cross-entropy with soft labels over {@code dense(norm(mean over tokens))} (arXiv 2203.12602,
   * section 4; the published code's head: the encoder has no norm of its own then).
   */
  record Classification(Encoder encoder, Norm norm, Dense classifier) implements Objective {
    Classification(Encoder encoder, Weights weights) {
      // scores that bf16 rounds would tie
      this(encoder, weights.norm("fc_norm"), weights.dense("classifier").wide());
    }

    @Override
    public void backward(DeviceBatch clips, Tape tape, Tensor loss) {
      Tensor logProbabilities = torch.log_softmax(predict(clips, tape), 1);
      Tensor sum = clips.labels().mul(logProbabilities).sum();
      Tensor share = sum.mul(new Scalar(-1.0 / clips.of()));
      share.backward();
      loss.add_(share.detach());
    }

    @Override
    public Tensor predict(DeviceBatch clips, Tape tape) {
      Tensor encoded = tape.cut(encoder.apply(clips, tape));
      Tensor mean = encoded.mean(1).unsqueeze(1); // [batch, 1, dim]
      Tensor normed = norm.apply(mean);
      return classifier.apply(clips.dropped(normed), tape).squeeze(1);
    }
  }
}
