package io.tubelet.bench;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Transformer;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The pretraining network as one writes it first: every token embedded and then most dropped,
 * query, key and value apart, attention with its whole matrix, the last block for all tokens, the
 * whole batch at once, LibTorch's AdamW tensor by tensor. It trains the same function on random
 * weights and is there to be compared with.
 */
@SuppressWarnings("try") // scopes are there to be closed
final class PlainNetwork implements AutoCloseable {
  private static final String EMBEDDING = "videomae.embeddings.patch_embeddings.projection";

  private final ModelSpec model;
  private final Placement placement;
  private final Map<String, Tensor> weights = new HashMap<>();
  private final AdamW optimizer;

  PlainNetwork(ModelSpec model, Placement placement) {
    this.model = model;
    this.placement = placement;
    try (PointerScope scope = new PointerScope()) {
      TensorVector all = new TensorVector();
      for (Parameter parameter : ParameterLayout.of(model).parameters()) {
        long[] shape = parameter.shape().stream().mapToLong(Integer::longValue).toArray();
        Tensor tensor = torch.randn(shape, Yardstick.options(placement)).mul_(new Scalar(0.02));
        tensor.set_requires_grad(true);
        weights.put(parameter.name(), tensor.retainReference());
        all.push_back(tensor);
      }
      this.optimizer = new AdamW(all, new AdamWOptions(1e-4)).retainReference();
    }
  }

  /** One training step; returns the loss. */
  double step(CubeBatch batch) {
    try (PointerScope scope = new PointerScope()) {
      torch.set_num_threads(placement.threads());
      optimizer.zero_grad();
      Tensor loss = loss(batch);
      loss.backward();
      optimizer.step();
      return loss.item_double();
    }
  }

  private Tensor loss(CubeBatch batch) {
    long visible = batch.visible();
    long hidden = batch.hidden();
    Tensor pixels = pixels(batch); // [batch, tokens, cubeValues], in [0, 1]
    Tensor order = torch.tensor(batch.order(), on(ScalarType.Int));
    Tensor x = linear(pixels, EMBEDDING).add(positions(model.encoder(), order));
    x = blocks(x.narrow(1, 0, visible), "videomae.encoder.layer.", model.encoder());
    x = linear(norm(x, "videomae.layernorm"), "encoder_to_decoder");
    Transformer decoder = model.pretraining().decoder();
    Tensor masked = weights.get("mask_token").expand(batch.size(), hidden, decoder.dim());
    x = torch.cat(new TensorVector(x, masked), 1).add(positions(decoder, order));
    x = blocks(x, "decoder.decoder_layers.", decoder).narrow(1, visible, hidden);
    Tensor predicted = linear(norm(x, "decoder.norm"), "decoder.head").to(ScalarType.Float);
    return torch.mse_loss(predicted, target(pixels.narrow(1, visible, hidden)));
  }

  private Tensor pixels(CubeBatch batch) {
    BytePointer bytes = new BytePointer(batch.cubes());
    Tensor local =
        torch.from_blob(
            bytes, new long[] {batch.cubes().length}, new TensorOptions(ScalarType.Byte));
    int values = batch.geometry().cubeValues();
    return local
        .to(on(ScalarType.Float), false, true, new MemoryFormatOptional())
        .div_(new Scalar(255.0))
        .view(batch.size(), -1, values);
  }

  private Tensor target(Tensor pixels) {
    Tensor channels = pixels.unflatten(2, -1, ClipGeometry.CHANNELS); // [.., pixels, channel]
    Tensor mean = channels.mean(new long[] {2}, true, new ScalarTypeOptional());
    Tensor std = channels.std(new long[] {2}, true, true);
    return channels.sub(mean).div(std.add(new Scalar(1e-6))).flatten(2, 3);
  }

  /** {@code [batch, tokens, dim]}. */
  private Tensor positions(Transformer size, Tensor order) {
    int tokens = model.geometry().tokens();
    Tensor table =
        torch
            .tensor(Transformer.positions(tokens, size.dim()), on(ScalarType.Float))
            .view(tokens, size.dim());
    return table.index_select(0, order).view(-1, tokens, size.dim());
  }

  private Tensor blocks(Tensor x, String prefix, Transformer size) {
    for (int i = 0; i < size.depth(); i++) {
      String name = prefix + i;
      Tensor attended = attention(norm(x, name + ".layernorm_before"), name, size);
      x = x.add(linear(attended, name + ".attention.output.dense"));
      Tensor hidden = linear(norm(x, name + ".layernorm_after"), name + ".intermediate.dense");
      x = x.add(linear(torch.gelu(hidden), name + ".output.dense"));
    }
    return x;
  }

  private Tensor attention(Tensor x, String block, Transformer size) {
    String name = block + ".attention.attention.";
    Tensor query = heads(linear(x, name + "query.weight", name + "q_bias"), size);
    Tensor key = heads(linear(x, name + "key.weight", name + "k_bias"), size);
    Tensor value = heads(linear(x, name + "value.weight", name + "v_bias"), size);
    Scalar scale = new Scalar(1 / Math.sqrt(size.headDim()));
    Tensor scores = query.matmul(key.transpose(2, 3)).mul(scale);
    Tensor probabilities = torch.softmax(scores, 3); // [batch, heads, tokens, tokens]
    return probabilities.matmul(value).transpose(1, 2).flatten(2, 3);
  }

  /** {@code [batch, tokens, dim] → [batch, heads, tokens, headDim]}. */
  private static Tensor heads(Tensor x, Transformer size) {
    return x.unflatten(2, size.heads(), size.headDim()).transpose(1, 2);
  }

  private Tensor norm(Tensor x, String name) {
    Tensor weight = weights.get(name + ".weight");
    return torch.layer_norm(
        x,
        new long[] {weight.size(0)},
        new TensorOptional(weight),
        new TensorOptional(weights.get(name + ".bias")),
        ModelSpec.LAYER_NORM_EPSILON,
        true);
  }

  private Tensor linear(Tensor x, String name) {
    return linear(x, name + ".weight", name + ".bias");
  }

  private Tensor linear(Tensor x, String weight, String bias) {
    Tensor matrix = weights.get(weight).flatten(1, -1);
    Tensor shift = weights.get(bias); // null: the network has none
    return torch.linear(
        cast(x),
        cast(matrix),
        shift == null ? new TensorOptional() : new TensorOptional(cast(shift)));
  }

  private Tensor cast(Tensor x) {
    return placement.precision() == Precision.BF16 ? x.to(ScalarType.BFloat16) : x;
  }

  private TensorOptions on(ScalarType type) {
    return Yardstick.options(placement).dtype(new ScalarTypeOptional(type));
  }

  @Override
  public void close() {
    optimizer.releaseReference();
    weights.values().forEach(Tensor::releaseReference);
  }
}
