package io.tubelet.engine.torch;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * {@code softmax(q · kᵀ / √headDim) · v} for each head (arXiv 1706.03762, section 3.2), by
 * LibTorch's fused kernel (flash, cuDNN or memory-efficient on a card) or, for long sequences on a
 * processor, by {@link BlockedAttention}.
 */
final class Attention implements AutoCloseable {
  /** Keys from which blocks beat the fused kernel on a processor. */
  private static final long LONG = 512;

  private final Site site;
  private final BlockedAttention blocked;

  Attention(Site site) {
    this.site = site;
    this.blocked = new BlockedAttention(site.placement().threads(), site.products());
  }

  /**
   * Attends.
   *
   * @param products as {@link Heads#of} takes them
   * @return {@code [batch, queries, dim]}
   */
  Tensor apply(List<Tensor> products, int heads, Tape tape) {
    Tensor last = products.get(products.size() - 1);
    if (!site.isCuda() && last.size(1) >= LONG) {
      return blocked.apply(products, heads, tape);
    }
    return fused(products, heads);
  }

  /** By LibTorch's kernel, whose derivative autograd knows. */
  static Tensor fused(List<Tensor> products, int heads) {
    Heads split = Heads.of(products, heads);
    Tensor out =
        torch.scaled_dot_product_attention(
            across(split.query()), across(split.key()), across(split.value()));
    return out.transpose(1, 2).flatten(2, 3).to(products.get(0).scalar_type());
  }

  /** {@code [batch, rows, heads, headDim] → [batch, heads, rows, headDim]}. */
  private static Tensor across(Tensor part) {
    // the processor's fused kernel has no bfloat16 product worth the name
    return (part.is_cuda() ? part : part.to(ScalarType.Float)).transpose(1, 2);
  }

  @Override
  public void close() {
    blocked.close();
  }
}
