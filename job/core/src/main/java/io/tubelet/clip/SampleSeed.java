package io.tubelet.clip;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Random numbers as a pure function of names: the same (seed, epoch, clip, purpose) gives the same
 * stream on every machine and in every order of execution.
 *
 * <p>The names are folded into 64 bits by the finaliser of MurmurHash3 (Stafford's variant 13, the
 * mixer of {@link SplittableRandom}); the result seeds a {@link SplittableRandom}.
 */
public final class SampleSeed {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private SampleSeed() {}

  /**
   * The stream for one sample of one epoch and one purpose ("crop", "mask", …), so that one draw
   * more in a crop does not move the mask.
   */
  public static RandomGenerator of(long seed, long epoch, String clip, String purpose) {
    return new SplittableRandom(fold(fold(mix(mix(seed) + GOLDEN * epoch), clip), purpose));
  }

  /** The stream for something that is no sample: an epoch's order, a tensor's first values. */
  public static RandomGenerator of(long seed, long index, String purpose) {
    return new SplittableRandom(fold(mix(mix(seed) + GOLDEN * index), purpose));
  }

  /** {@code 0 … size − 1} in a drawn order: a Fisher–Yates shuffle from the front. */
  public static int[] permutation(int size, RandomGenerator random) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      int other = random.nextInt(i + 1);
      order[i] = order[other];
      order[other] = i;
    }
    return order;
  }

  private static long fold(long state, String name) {
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      state = mix(state + GOLDEN + (b & 0xFF));
    }
    return mix(state ^ name.length());
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
