package io.tubelet.engine.torch;

import io.tubelet.model.ModelSpec;
import io.tubelet.model.PositionTable;
import io.tubelet.model.Transformer;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Embeds cubes, adds their positions and applies the encoder's blocks (arXiv 2203.12602, section
 * 3.3). It embeds only the tokens it is given, which is the same: each is embedded by itself.
 */
final class Encoder implements AutoCloseable {
  private final Pixels pixels;
  private final Dense embedding;
  private final Tensor positions; // [tokens, dim]
  private final List<Block> blocks;

  Encoder(Weights weights, Attention attention, Pixels pixels, Site site) {
    ModelSpec model = weights.layout().model();
    Transformer size = model.encoder();
    this.pixels = pixels;
    this.embedding = weights.dense("videomae.embeddings.patch_embeddings.projection");
    this.positions = positions(model.geometry().tokens(), size.dim(), site);
    this.blocks =
        IntStream.range(0, size.depth())
            .mapToObj(i -> Block.of(weights, "videomae.encoder.layer." + i, size, attention))
            .toList();
  }

  /** The position table {@code [tokens, dim]} on the device; the caller must release it. */
  static Tensor positions(int tokens, int dim, Site site) {
    return site.table(PositionTable.sinusoid(tokens, dim), tokens, dim);
  }

  /** Rows of a table by token index: {@code [batch, rows] → [batch, rows, dim]}. */
  static Tensor rows(Tensor table, Tensor indices) {
    return table
        .index_select(0, indices.flatten())
        .view(indices.size(0), indices.size(1), table.size(1));
  }

  /**
   * The encoder's tokens.
   *
   * @return {@code [batch, visible, dim]}, before any norm
   */
  Tensor apply(DeviceBatch batch, Tape tape) {
    Tensor input = pixels.input(batch.visibleCubes());
    Tensor x =
        Scope.keep(() -> rows(positions, batch.visibleOrder()).add_(embedding.apply(input, tape)));
    for (int i = 0; i < blocks.size(); i++) {
      Block block = blocks.get(i);
      Tensor factors = batch.factors(2L * i, 2); // [batch, 1, branches]
      x = tape.segment(x, (tokens, inner) -> block.apply(tokens, 0, factors, inner));
    }
    return x;
  }

  @Override
  public void close() {
    positions.releaseReference();
  }
}
