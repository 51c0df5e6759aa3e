package io.tubelet.train;

import io.tubelet.clip.SampleSeed;
import io.tubelet.model.ModelSpec;
import java.io.Serializable;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Drop path and dropout of a training step, drawn for each sample: stochastic depth (arXiv
 * 1603.09382; each branch of a block by itself, as the published code has it) and dropout before
 * the classifier. What stays is scaled up, so that the mean is the same.
 *
 * <pre>
 * x + branch(x) → x + f · branch(x)      f = 0 with probability rate(block), else 1 / (1 − rate)
 * rate(block) = path · block / (depth − 1)
 * </pre>
 *
 * @param path rate of the last block, in [0, 1); the first block's is 0
 * @param head likewise of each value between {@code fc_norm} and the classifier
 */
public record DropPath(double path, double head) implements Serializable {
  public static final DropPath NONE = new DropPath(0, 0);

  private static final int BRANCHES = 2;

  public boolean active() {
    return path > 0 || head > 0;
  }

  public double rate(int block, int depth) {
    return depth == 1 ? path : path * block / (depth - 1);
  }

  /**
   * Factors {@code [samples, 2 · depth + dim]}: of each encoder block's attention and MLP, in
   * order, and then of each value before the classifier; none at all if nothing is dropped. Drawn
   * from the epoch's seed and the sample alone.
   */
  public float[] factors(long seed, List<String> samples, ModelSpec model) {
    if (!active()) {
      return new float[0];
    }
    int depth = model.encoder().depth();
    int columns = BRANCHES * depth + model.encoder().dim();
    float[] factors = new float[samples.size() * columns];
    for (int row = 0; row < samples.size(); row++) {
      RandomGenerator random = SampleSeed.of(seed, 0, samples.get(row), "drop");
      for (int column = 0; column < columns; column++) {
        double rate = column < BRANCHES * depth ? rate(column / BRANCHES, depth) : head;
        boolean dropped = random.nextDouble() < rate;
        factors[row * columns + column] = dropped ? 0 : (float) (1 / (1 - rate));
      }
    }
    return factors;
  }
}
