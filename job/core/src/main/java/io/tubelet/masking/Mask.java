package io.tubelet.masking;

import java.util.Arrays;

/**
 * Which tokens of one clip the encoder does not see: hidden = {@code true}.
 *
 * <p>Everything downstream works with {@link #order()}: the visible tokens in ascending index, then
 * the hidden ones in ascending index, which is also the order of the decoder's sequence (arXiv
 * 2203.12602, section 3.3; {@code [visible ; hidden]}). Hidden tokens that the decoder is not asked
 * for are in neither.
 */
public final class Mask {
  private final int[] order;
  private final int visible;

  private Mask(int[] order, int visible) {
    this.order = order;
    this.visible = visible;
  }

  /** The mask that hides the tokens {@code n} with {@code hidden[n]}. */
  public static Mask of(boolean[] hidden) {
    int[] order = new int[hidden.length];
    int next = 0;
    for (int n = 0; n < hidden.length; n++) {
      if (!hidden[n]) {
        order[next++] = n;
      }
    }
    int visible = next;
    for (int n = 0; n < hidden.length; n++) {
      if (hidden[n]) {
        order[next++] = n;
      }
    }
    return new Mask(order, visible);
  }

  /** Restricts the decoder's targets to hidden tokens {@code n} with {@code wanted[n]}. */
  public Mask asking(boolean[] wanted) {
    int[] kept = new int[order.length];
    System.arraycopy(order, 0, kept, 0, visible);
    int next = visible;
    for (int i = visible; i < order.length; i++) {
      if (wanted[order[i]]) {
        kept[next++] = order[i];
      }
    }
    return new Mask(Arrays.copyOf(kept, next), visible);
  }

  /** The mask that hides nothing, as fine-tuning uses. */
  public static Mask none(int tokens) {
    return of(new boolean[tokens]);
  }

  /** Token indices: visible ascending, then hidden ascending. Not a copy. */
  public int[] order() {
    return order;
  }

  /** How many tokens the encoder sees. */
  public int visible() {
    return visible;
  }

  /** How many hidden tokens the decoder is asked for. */
  public int hidden() {
    return order.length - visible;
  }
}
