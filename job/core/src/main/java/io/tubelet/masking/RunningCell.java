package io.tubelet.masking;

import io.tubelet.clip.ClipGeometry;
import java.util.random.RandomGenerator;

/**
 * Decoder masking (VideoMAE V2, arXiv 2303.16727, section 3.2): the decoder is asked for a part of
 * the hidden tokens. Which ones, a pattern says that is the same in every cell of 2 × 2 tokens of a
 * slice and moves on by one place of the cell from slice to slice; each clip draws its phase.
 *
 * <p>The published decoder also gets mask tokens at visible places, which count for nothing in its
 * loss; so it has equally many rows for every clip. Here only hidden tokens are asked for, and
 * where the pattern has more or fewer of them than {@code hidden − floor(ratio · hidden)}, some are
 * dropped or others join, drawn at random.
 *
 * @param ratio share of the hidden tokens that the decoder is not asked for, in (0, 1)
 */
public record RunningCell(Masking sampler, double ratio) implements Masking.Partial {
  private static final int SIDE = 2;
  private static final int CELL = SIDE * SIDE;

  @Override
  public int rows(ClipGeometry geometry) {
    return geometry.tokens() - Masking.count(ratio, hidden(geometry));
  }

  @Override
  public Mask draw(ClipGeometry geometry, RandomGenerator random) {
    Mask mask = sampler.draw(geometry, random);
    int phase = random.nextInt(CELL);
    int[] order = mask.order();
    int hidden = mask.hidden();
    boolean[] inPattern = new boolean[hidden];
    int found = 0;
    for (int i = 0; i < hidden; i++) {
      inPattern[i] = asks(geometry, order[mask.visible() + i], phase);
      found += inPattern[i] ? 1 : 0;
    }
    int wanted = hidden - Masking.count(ratio, hidden);
    // of those in the pattern some, or all of them and some of the others
    boolean fewer = wanted < found;
    boolean[] drawn =
        fewer
            ? Masking.choose(wanted, found, random)
            : Masking.choose(wanted - found, hidden - found, random);
    boolean[] asked = new boolean[geometry.tokens()];
    int next = 0;
    for (int i = 0; i < hidden; i++) {
      boolean draw = inPattern[i] == fewer;
      asked[order[mask.visible() + i]] = draw ? drawn[next++] : inPattern[i];
    }
    return mask.asking(n -> asked[n]);
  }

  private boolean asks(ClipGeometry geometry, int token, int phase) {
    int slice = token / geometry.tokensPerSlice();
    int row = token % geometry.tokensPerSlice() / geometry.gridWidth();
    int column = token % geometry.gridWidth();
    int place = row % SIDE * SIDE + column % SIDE;
    return Math.floorMod(place - slice - phase, CELL) >= (int) (ratio * CELL);
  }
}
