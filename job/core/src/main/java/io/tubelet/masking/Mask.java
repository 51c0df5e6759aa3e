package io.tubelet.masking;

import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Which tokens of one clip the encoder does not see: hidden = {@code true}.
 *
 * <p>Everything downstream works with {@link #order()}: the visible tokens in ascending index, then
 * the hidden ones in ascending index, which is also the order of the decoder's sequence (arXiv
 * 2203.12602, section 3.3; {@code [visible ; hidden]}). Hidden tokens that the decoder is not asked
 * for are in neither.
 *
 * @param order token indices: visible ascending, then hidden ascending
 * @param visible how many of them are visible
 */
public record Mask(int[] order, int visible) {

  /** The mask that hides some of a clip's tokens. */
  public static Mask of(int tokens, IntPredicate hidden) {
    int[] visible = IntStream.range(0, tokens).filter(hidden.negate()).toArray();
    IntStream others = IntStream.range(0, tokens).filter(hidden);
    return new Mask(IntStream.concat(Arrays.stream(visible), others).toArray(), visible.length);
  }

  /** The mask that hides the tokens {@code n} with {@code hidden[n]}. */
  public static Mask of(boolean[] hidden) {
    return of(hidden.length, n -> hidden[n]);
  }

  /** Restricts the decoder's targets to some of the hidden tokens. */
  public Mask asking(IntPredicate wanted) {
    IntStream seen = Arrays.stream(order, 0, visible);
    IntStream asked = Arrays.stream(order, visible, order.length).filter(wanted);
    return new Mask(IntStream.concat(seen, asked).toArray(), visible);
  }

  /** The mask that hides nothing, as fine-tuning uses. */
  public static Mask none(int tokens) {
    return of(tokens, n -> false);
  }

  /** How many hidden tokens the decoder is asked for. */
  public int hidden() {
    return order.length - visible;
  }
}
