package io.tubelet.masking;

import io.tubelet.clip.ClipGeometry;
import java.io.Serializable;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * A mask sampler. Every mask of one sampler and geometry hides exactly the same number of tokens,
 * so a batch of masks is a rectangle.
 */
public sealed interface Masking extends Serializable
    permits TubeMasking,
        Masking.RandomMasking,
        Masking.FrameMasking,
        Masking.NoMasking,
        Masking.Partial {

  /** How many of the clip's tokens every mask hides. */
  int hidden(ClipGeometry geometry);

  /** How many tokens every mask has in its order: the visible ones and the targets. */
  default int rows(ClipGeometry geometry) {
    return geometry.tokens();
  }

  /** The sampler of the same masks with all hidden tokens as targets. */
  default Masking whole() {
    return this;
  }

  /** One mask, drawn from {@code random} alone. */
  Mask draw(ClipGeometry geometry, RandomGenerator random);

  /** Exactly {@code count} of {@code size} places, uniformly: a partial Fisher–Yates shuffle. */
  static boolean[] choose(int count, int size, RandomGenerator random) {
    int[] places = IntStream.range(0, size).toArray();
    boolean[] chosen = new boolean[size];
    for (int i = 0; i < count; i++) {
      int j = i + random.nextInt(size - i);
      chosen[places[j]] = true;
      places[j] = places[i];
    }
    return chosen;
  }

  /** {@code ratio} of {@code size}, rounded down as published; fails if that is nothing or all. */
  static int count(double ratio, int size) {
    int count = (int) Math.floor(ratio * size);
    if (!(ratio > 0 && ratio < 1) || count < 1 || count >= size) {
      throw new IllegalArgumentException(
          "mask ratio %s of %d places hides %d; at least one must be hidden and one visible"
              .formatted(ratio, size, count));
    }
    return count;
  }

  /**
   * Hides {@code floor(ratio · tokens)} tokens anywhere in space and time ("agnostic" masking;
   * arXiv 2205.09113, section 3).
   */
  record RandomMasking(double ratio) implements Masking {
    @Override
    public int hidden(ClipGeometry geometry) {
      return Masking.count(ratio, geometry.tokens());
    }

    @Override
    public Mask draw(ClipGeometry geometry, RandomGenerator random) {
      return Mask.of(Masking.choose(hidden(geometry), geometry.tokens(), random));
    }
  }

  /**
   * Hides {@code floor(ratio · gridTime)} whole temporal slices (the "frame" row of the masking
   * ablation, arXiv 2203.12602, table 1b).
   */
  record FrameMasking(double ratio) implements Masking {
    @Override
    public int hidden(ClipGeometry geometry) {
      return Masking.count(ratio, geometry.gridTime()) * geometry.tokensPerSlice();
    }

    @Override
    public Mask draw(ClipGeometry geometry, RandomGenerator random) {
      int slices = geometry.gridTime();
      boolean[] chosen = Masking.choose(Masking.count(ratio, slices), slices, random);
      return Mask.of(geometry.tokens(), n -> chosen[n / geometry.tokensPerSlice()]);
    }
  }

  /** Hides nothing: fine-tuning and evaluation see the whole clip. */
  record NoMasking() implements Masking {
    @Override
    public int hidden(ClipGeometry geometry) {
      return 0;
    }

    @Override
    public Mask draw(ClipGeometry geometry, RandomGenerator random) {
      return Mask.none(geometry.tokens());
    }
  }

  /** Asks the decoder for a part of what another sampler hides. */
  sealed interface Partial extends Masking permits RunningCell, CentreSlice {
    Masking sampler();

    @Override
    default int hidden(ClipGeometry geometry) {
      return sampler().hidden(geometry);
    }

    @Override
    default Masking whole() {
      return sampler();
    }
  }

  /**
   * Asks the decoder for the hidden tokens of the slice with the clip's middle frame alone (the
   * target "centre frame", arXiv 2203.12602, table 1c); as many are hidden in every slice.
   */
  record CentreSlice(TubeMasking sampler) implements Partial {
    @Override
    public int rows(ClipGeometry geometry) {
      return geometry.tokens() - hidden(geometry) + hidden(geometry) / geometry.gridTime();
    }

    @Override
    public Mask draw(ClipGeometry geometry, RandomGenerator random) {
      int centre = geometry.centreFrame() / geometry.tubelet();
      return sampler.draw(geometry, random).asking(n -> n / geometry.tokensPerSlice() == centre);
    }
  }

  /**
   * Decoder masking (VideoMAE V2, arXiv 2303.16727, section 3.2): the decoder is asked for a part
   * of the hidden tokens. Which ones, a pattern says that is the same in every cell of 2 × 2 tokens
   * of a slice and moves on by one place of the cell from slice to slice; each clip draws its
   * phase.
   *
   * <p>The published decoder also gets mask tokens at visible places, which count for nothing in
   * its loss; so it has equally many rows for every clip. Here only hidden tokens are asked for,
   * and where the pattern has more or fewer of them than {@code hidden − floor(ratio · hidden)},
   * some are dropped or others join, drawn at random.
   *
   * @param ratio share of the hidden tokens that the decoder is not asked for, in (0, 1)
   */
  record RunningCell(Masking sampler, double ratio) implements Partial {
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
}
