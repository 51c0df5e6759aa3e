package io.tubelet.engine.torch;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.torch.Block.Dense;
import io.tubelet.engine.torch.Network.Encoder;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What is done in given boxes: of the encoder's normed tokens the mean over time, RoIAlign 7 × 7
 * (arXiv 1703.06870) in the grid of tokens, the maximum over the bins, one dense layer; the binary
 * cross-entropy of each class's sigmoid, as a mean over classes and all boxes of the minibatch.
 *
 * <p>RoIAlign is linear in the tokens, so it is one product with a matrix that depends on the boxes
 * alone, and LibTorch knows its derivative.
 */
record Detection(Encoder encoder, Dense classifier, long slices) implements Network.Objective {
  /** Bins along each side of a box. */
  private static final int SIDE = 7;

  Detection(Encoder encoder, Weights weights) {
    this(
        encoder,
        weights.dense("classifier").wide(),
        weights.layout().model().geometry().gridTime());
  }

  @Override
  public void backward(DeviceBatch clips, Tape tape, Tensor loss) {
    Tensor scores = predict(clips, tape);
    Tensor labels = clips.labels().view(scores.sizes());
    Tensor there =
        labels.ge(new Scalar(0)).to(ScalarType.Float); // not where a clip has fewer boxes
    Tensor each =
        torch.binary_cross_entropy_with_logits(
            scores, labels, new TensorOptional(there), new TensorOptional(), 0);
    Tensor share = each.sum().mul(new Scalar(1.0 / (clips.of() * scores.size(2))));
    share.backward();
    loss.add_(share.detach());
  }

  @Override
  public Tensor predict(DeviceBatch clips, Tape tape) {
    Tensor tokens = encoder.normalise(tape.cut(encoder.apply(clips, tape)));
    long slice = tokens.size(1) / slices;
    Tensor mean = tokens.view(tokens.size(0), slices, slice, tokens.size(2)).mean(1);
    Tensor bins = clips.bins().view(clips.bins().size(0), -1, SIDE * SIDE, slice);
    return classifier.apply(clips.dropped(strongest(bins, mean)), tape);
  }

  /**
   * The maximum over the bins of each box, {@code [batch, boxes, dim]}.
   *
   * @param bins {@code [batch, boxes, 49, tokens]}
   * @param tokens {@code [batch, tokens, dim]}
   */
  static Tensor strongest(Tensor bins, Tensor tokens) {
    return bins.flatten(1, 2)
        .matmul(tokens)
        .view(bins.size(0), bins.size(1), bins.size(2), tokens.size(2))
        .amax(new long[] {2}, false);
  }

  /** How many boxes there are; the others' corners are NaN. */
  static int boxes(float[] corners) {
    int count = 0;
    for (int at = 0; at < corners.length; at += CubeBatch.CORNERS) {
      count += Float.isNaN(corners[at]) ? 0 : 1;
    }
    return count;
  }

  /**
   * What each token of a slice is to each bin of a box, {@code [boxes, 49, tokens]}, as the
   * published code samples: a bin is the mean of ⌈tokens / 7⌉ bilinear samples along each side,
   * corners are shifted by half a token, what lies more than one token outside is 0. A box of no
   * area has no samples.
   */
  static float[] bins(ClipGeometry geometry, float[] corners) {
    int height = geometry.gridHeight();
    int width = geometry.gridWidth();
    int count = corners.length / CubeBatch.CORNERS;
    float[] bins = new float[Math.multiplyExact(count, SIDE * SIDE * height * width)];
    int at = 0;
    for (int box = 0; box < corners.length; box += CubeBatch.CORNERS) {
      double[][] columns = side(corners[box], corners[box + 2], width);
      double[][] rows = side(corners[box + 1], corners[box + 3], height);
      for (int bin = 0; bin < SIDE * SIDE; bin++) {
        for (int token = 0; token < height * width; token++) {
          double share = rows[bin / SIDE][token / width] * columns[bin % SIDE][token % width];
          bins[at++] = (float) share;
        }
      }
    }
    return bins;
  }

  /** What each token along one side is to each bin, {@code [7][size]}. */
  private static double[][] side(float from, float to, int size) {
    double[][] weights = new double[SIDE][size];
    double length = ((double) to - from) * size;
    int samples = (int) Math.ceil(length / SIDE); // 0 of NaN
    for (int i = 0; i < SIDE * samples; i++) {
      double place = from * (double) size - 0.5 + (i + 0.5) * length / (SIDE * samples);
      if (place >= -1 && place <= size) {
        double inside = Math.max(0, Math.min(place, size - 1));
        int low = (int) inside;
        weights[i / samples][low] += (1 - (inside - low)) / samples;
        weights[i / samples][Math.min(low + 1, size - 1)] += (inside - low) / samples;
      }
    }
    return weights;
  }
}
