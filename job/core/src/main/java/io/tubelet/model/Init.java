package io.tubelet.model;

import java.io.Serializable;
import java.util.random.RandomGenerator;

/** The law of a tensor's first values. */
public sealed interface Init extends Serializable
    permits Init.Constant, Init.Uniform, Init.TruncatedNormal {

  /** One value. */
  float draw(RandomGenerator random);

  /** Always the same value. */
  record Constant(float value) implements Init {
    @Override
    public float draw(RandomGenerator random) {
      return value;
    }
  }

  /** Uniform over [-bound, bound). */
  record Uniform(double bound) implements Init {
    @Override
    public float draw(RandomGenerator random) {
      return (float) ((2 * random.nextDouble() - 1) * bound);
    }
  }

  /** Normal with mean 0, drawn again outside [-cut, cut]. */
  record TruncatedNormal(double std, double cut) implements Init {
    @Override
    public float draw(RandomGenerator random) {
      double value;
      do {
        value = random.nextGaussian() * std;
      } while (Math.abs(value) > cut);
      return (float) value;
    }
  }

  /** Xavier (Glorot) uniform for a matrix {@code [out, in]}. */
  static Init xavier(int in, int out) {
    return new Uniform(Math.sqrt(6.0 / (in + out)));
  }
}
