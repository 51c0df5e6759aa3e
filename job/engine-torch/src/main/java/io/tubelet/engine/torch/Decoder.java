package io.tubelet.engine.torch;

import io.tubelet.model.ModelSpec;
import io.tubelet.model.Transformer;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * From the encoder's tokens to predicted hidden cubes (arXiv 2203.12602, section 3.3):
 *
 * <pre>
 * [norm, dense(visible) + positions ; mask token + positions] → blocks → norm, dense(hidden)
 * </pre>
 *
 * <p>Nothing behind the last block's attention looks at visible tokens, so that block answers for
 * hidden ones only.
 */
final class Decoder implements AutoCloseable {
  private final Norm encoderNorm;
  private final Dense toDecoder;
  private final Tensor maskToken; // [1, 1, dim]
  private final Tensor positions; // [tokens, dim]
  private final List<Block> blocks;
  private final Norm norm;
  private final Dense head;

  Decoder(Weights weights, Attention attention, Site site) {
    ModelSpec model = weights.layout().model();
    Transformer size = model.pretraining().decoder();
    this.encoderNorm = weights.norm("videomae.layernorm");
    this.toDecoder = weights.dense("encoder_to_decoder");
    this.maskToken = weights.get("mask_token");
    this.positions = Encoder.positions(model.geometry().tokens(), size.dim(), site);
    this.blocks =
        IntStream.range(0, size.depth())
            .mapToObj(i -> Block.of(weights, "decoder.decoder_layers." + i, size, attention))
            .toList();
    this.norm = weights.norm("decoder.norm");
    this.head = weights.dense("decoder.head");
  }

  /** The encoder's tokens in the decoder's width: {@code [batch, visible, dim]} of each. */
  Tensor project(Tensor encoded, Tape tape) {
    return toDecoder.apply(normalise(encoded), tape);
  }

  /** The encoder's tokens after its final norm. */
  Tensor normalise(Tensor encoded) {
    return encoderNorm.apply(encoded);
  }

  /**
   * The decoder's answer.
   *
   * @param projected {@code [batch, visible, dim]}
   * @param order token index of each row {@code [batch, rows]}, visible first
   * @return predicted hidden cubes {@code [batch, hidden, cubeValues]}
   */
  Tensor apply(Tensor projected, Tensor order, Tape tape) {
    long visible = projected.size(1);
    Tensor x = Scope.keep(() -> sequence(projected, order)); // [batch, rows, dim]
    for (int i = 0; i < blocks.size(); i++) {
      Block block = blocks.get(i);
      long from = i == blocks.size() - 1 ? visible : 0;
      x = tape.segment(x, (input, inner) -> block.apply(input, from, inner));
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

  @Override
  public void close() {
    positions.releaseReference();
  }
}
