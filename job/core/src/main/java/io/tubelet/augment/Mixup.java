package io.tubelet.augment;

import io.tubelet.augment.Crop.Box;
import io.tubelet.clip.Frames;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.random.RandomGenerator;

/**
 * Mixup (arXiv 1710.09412) and CutMix (arXiv 1905.04899) of a minibatch: sample i is mixed with its
 * mirror, sample {@code batch − 1 − i}, all with one share λ, and so are their targets. An odd
 * batch's middle sample is its own mirror.
 *
 * @param mixup λ is drawn from Beta(mixup, mixup); 0: no mixup; likewise {@code cutmix}
 * @param cutmixShare probability of CutMix where both are on
 */
public record Mixup(double mixup, double cutmix, double probability, double cutmixShare)
    implements Serializable {
  public static final Mixup NONE = new Mixup(0, 0, 0, 0);

  /** A minibatch's samples, all of one size, and targets {@code [batch, classes]}. */
  public record Samples(List<Frames> frames, float[] targets) {}

  /** The mixed samples; the same object where nothing is mixed. */
  public Samples apply(Samples samples, RandomGenerator random) {
    if ((mixup == 0 && cutmix == 0) || random.nextDouble() >= probability) {
      return samples;
    }
    boolean cut = mixup == 0 || (cutmix > 0 && random.nextDouble() < cutmixShare);
    double share = beta(cut ? cutmix : mixup, random);
    Frames first = samples.frames.get(0);
    return cut
        ? paste(samples, box(first.height(), first.width(), share, random))
        : mix(samples, share);
  }

  /** Samples {@code share · own + (1 − share) · mirror}. */
  static Samples mix(Samples samples, double share) {
    int weight = (int) Math.round(share * (1 << 16));
    return mixed(
        samples,
        share,
        (own, mirror) -> {
          byte[] out = new byte[own.bytes().length];
          for (int k = 0; k < out.length; k++) {
            int other = mirror.bytes()[k] & 0xFF;
            int difference = (own.bytes()[k] & 0xFF) - other;
            out[k] = (byte) (other + ((weight * difference + (1 << 15)) >> 16));
          }
          return own.with(out);
        });
  }

  /** A box of {@code 1 − share} of the frame around a uniform centre, cut to the frame. */
  private static Box box(int height, int width, double share, RandomGenerator random) {
    double side = Math.sqrt(1 - share);
    int halfHeight = (int) (height * side) / 2;
    int halfWidth = (int) (width * side) / 2;
    int y = random.nextInt(height);
    int x = random.nextInt(width);
    int top = Math.max(0, y - halfHeight);
    int left = Math.max(0, x - halfWidth);
    return new Box(
        top, left, Math.min(height, y + halfHeight) - top, Math.min(width, x + halfWidth) - left);
  }

  /** The box of every frame comes from the mirror; λ is what is left of the sample's own. */
  static Samples paste(Samples samples, Box box) {
    Frames first = samples.frames.get(0);
    double pasted = (double) box.height() * box.width() / (first.height() * first.width());
    return mixed(
        samples,
        1 - pasted,
        (own, mirror) -> {
          byte[] out = own.bytes().clone();
          int run = own.offset(0, 0, box.width());
          for (int t = 0; t < own.time(); t++) {
            for (int y = 0; y < box.height(); y++) {
              int at = own.offset(t, box.top() + y, box.left());
              System.arraycopy(mirror.bytes(), at, out, at, run);
            }
          }
          return own.with(out);
        });
  }

  private static Samples mixed(Samples samples, double share, BinaryOperator<Frames> mixing) {
    int batch = samples.frames.size();
    int classes = samples.targets.length / batch;
    List<Frames> frames = new ArrayList<>();
    float[] targets = new float[samples.targets.length];
    for (int i = 0; i < batch; i++) {
      int mirror = batch - 1 - i;
      frames.add(mixing.apply(samples.frames.get(i), samples.frames.get(mirror)));
      for (int k = 0; k < classes; k++) {
        float own = samples.targets[i * classes + k];
        float other = samples.targets[mirror * classes + k];
        targets[i * classes + k] = (float) (share * own + (1 - share) * other);
      }
    }
    return new Samples(frames, targets);
  }

  /** Draws from Beta(α, α) as the share of one of two gamma variates. */
  static double beta(double alpha, RandomGenerator random) {
    double own = gamma(alpha, random);
    double other = gamma(alpha, random);
    // both underflow only for a tiny α, whose distribution is nearly a coin's
    return own + other > 0 ? own / (own + other) : random.nextInt(2);
  }

  /** Marsaglia and Tsang (2000), raised by one and shrunk back for α below 1. */
  private static double gamma(double alpha, RandomGenerator random) {
    double shrink = alpha < 1 ? StrictMath.pow(1 - random.nextDouble(), 1 / alpha) : 1;
    double d = (alpha < 1 ? alpha + 1 : alpha) - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = random.nextGaussian();
      double v = StrictMath.pow(1 + c * x, 3);
      double u = 1 - random.nextDouble();
      if (v > 0 && StrictMath.log(u) < 0.5 * x * x + d - d * v + d * StrictMath.log(v)) {
        return shrink * d * v;
      }
    }
  }
}
