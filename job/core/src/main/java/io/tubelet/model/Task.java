package io.tubelet.model;

import io.tubelet.clip.ClipGeometry;
import java.io.Serializable;

/** The head on top of the encoder. */
public sealed interface Task extends Serializable {

  /**
   * Reconstructing the hidden cubes (arXiv 2203.12602, section 3).
   *
   * @param normalisedTarget whether each cube's pixels are normalised per channel before the loss
   * @param loss as a mean over all values of the target
   * @param frames of a hidden cube that the loss looks at
   */
  record Pretraining(
      Transformer decoder, boolean normalisedTarget, PixelLoss loss, TargetFrames frames)
      implements Task {
    public Pretraining(Transformer decoder, boolean normalisedTarget) {
      this(decoder, normalisedTarget, PixelLoss.MSE, TargetFrames.ALL);
    }
  }

  /**
   * MoCo v3 (arXiv 2104.02057): two views of a clip are to have like features, and unlike those of
   * the other clips of a replica's minibatch. A feature is the mean over the encoder's normed
   * tokens, as this encoder has no class token. A projector, and a predictor behind it, are dense
   * layers with batch norm; what is predicted is what a momentum encoder and projector, which
   * follow by a moving average, make of the other view. The embedding stays as it is drawn.
   *
   * <p>Batch norm has the statistics of a view's minibatch, of a replica's alone; running ones are
   * never used and not kept.
   *
   * @param hidden width of the hidden layers of projector and predictor
   * @param out width of what is compared
   */
  record Contrastive(int hidden, int out) implements Task {
    public static final int PUBLISHED_OUT = 256;

    /** Divides the cosines of an InfoNCE. */
    public static final double TEMPERATURE = 0.2;
  }

  /** Mean over tokens, {@code fc_norm}, one dense layer. */
  record Classification(int classes) implements Task {
    /** Fails if there are fewer than two classes. */
    public Classification {
      if (classes < 2) {
        throw new IllegalArgumentException("a classifier needs two classes, not " + classes);
      }
    }
  }

  /**
   * What the people in given boxes do, several classes at once: final norm, mean over time,
   * RoIAlign 7 × 7, maximum, one dense layer (arXiv 2203.12602, the transfer to AVA).
   */
  record Detection(int classes) implements Task {}

  /** What a predicted value that is {@code e} off costs (arXiv 2203.12602, table 1f). */
  enum PixelLoss {
    /** {@code e²}. */
    MSE,
    /** {@code |e|}. */
    L1,
    /** {@code e²/2} up to 1, {@code |e| − 1/2} beyond. */
    SMOOTH_L1
  }

  /** Frames of a hidden cube that are compared (arXiv 2203.12602, table 1c). */
  enum TargetFrames {
    ALL,
    /** The clip's middle frame, in the cubes that have it; batches hold no other hidden cubes. */
    CENTRE,
    /** All, and behind each the one halfway to the next: cubes have twice as many frames. */
    DOUBLE;

    /** First of the cube's values, in the target's order, that are compared. */
    public int from(ClipGeometry geometry) {
      return this == CENTRE ? geometry.centreFrame() % geometry.tubelet() * count(geometry) : 0;
    }

    /** How many values are compared; a normalised target has the mean and variance of these. */
    public int count(ClipGeometry geometry) {
      int values = clips(geometry).cubeValues();
      return this == CENTRE ? values / geometry.tubelet() : values;
    }

    /** Clips with their targets, of which the encoder sees clips of this geometry. */
    ClipGeometry clips(ClipGeometry geometry) {
      int times = this == DOUBLE ? 2 : 1;
      return new ClipGeometry(
          times * geometry.frames(),
          geometry.height(),
          geometry.width(),
          times * geometry.tubelet(),
          geometry.patch());
    }
  }
}
