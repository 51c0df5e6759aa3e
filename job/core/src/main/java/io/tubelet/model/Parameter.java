package io.tubelet.model;

import java.io.Serializable;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * One tensor of a network.
 *
 * @param name its name in Hugging Face's files
 * @param shape row-major; dense weights are {@code [out, in]}
 * @param decayed whether weight decay applies: not to 1-D tensors, nor to the mask token
 * @param layer 0 for the embedding, i + 1 for encoder block i, depth + 1 for all behind; for
 *     layer-wise learning rates
 * @param frozen whether it has no gradient: its gradient is 0 and optimisers leave it alone
 */
public record Parameter(
    String name, List<Integer> shape, Init init, boolean decayed, int layer, boolean frozen)
    implements Serializable {
  /** What the name of a tensor of a momentum encoder begins with. */
  public static final String MOMENTUM = "momentum.";

  public Parameter {
    shape = List.copyOf(shape);
  }

  /** The tensor of the momentum encoder that follows this one. */
  Parameter momentum() {
    return new Parameter(MOMENTUM + name, shape, init, false, layer, true);
  }

  /** The name of the tensor that this one follows by a moving average; the same if it is none. */
  public static String followed(String name) {
    return name.startsWith(MOMENTUM) ? name.substring(MOMENTUM.length()) : name;
  }

  public int size() {
    return shape.stream().reduce(1, Math::multiplyExact);
  }

  @FunctionalInterface
  public interface Init extends Serializable {
    float draw(RandomGenerator random);

    static Init constant(float value) {
      return random -> value;
    }

    /** Over [-bound, bound). */
    static Init uniform(double bound) {
      return random -> (float) ((2 * random.nextDouble() - 1) * bound);
    }

    /** Xavier (Glorot) uniform for a matrix {@code [out, in]}. */
    static Init xavier(int in, int out) {
      return uniform(Math.sqrt(6.0 / (in + out)));
    }

    /** With mean 0, drawn again outside [-cut, cut]. */
    static Init truncatedNormal(double std, double cut) {
      return random -> {
        double value;
        do {
          value = random.nextGaussian() * std;
        } while (Math.abs(value) > cut);
        return (float) value;
      };
    }
  }
}
