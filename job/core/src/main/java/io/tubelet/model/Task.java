package io.tubelet.model;

import java.io.Serializable;

/** What stands on top of the encoder. */
public sealed interface Task extends Serializable permits Task.Pretraining, Task.Classification {

  /**
   * Reconstructing the hidden cubes (arXiv 2203.12602, section 3).
   *
   * @param decoder the decoder's blocks
   * @param normalisedTarget whether each cube's pixels are normalised per channel before the loss
   * @param loss what is minimised, as a mean over all values of the target
   * @param frames of a hidden cube that the loss looks at
   */
  record Pretraining(
      Transformer decoder, boolean normalisedTarget, PixelLoss loss, TargetFrames frames)
      implements Task {
    /** With all frames as the target. */
    public Pretraining(Transformer decoder, boolean normalisedTarget, PixelLoss loss) {
      this(decoder, normalisedTarget, loss, TargetFrames.ALL);
    }

    /** With the published loss. */
    public Pretraining(Transformer decoder, boolean normalisedTarget) {
      this(decoder, normalisedTarget, PixelLoss.MSE);
    }
  }

  /**
   * Mean over tokens, {@code fc_norm}, one dense layer.
   *
   * @param classes number of labels
   */
  record Classification(int classes) implements Task {
    /**
     * @throws IllegalArgumentException if there are fewer than two classes
     */
    public Classification {
      if (classes < 2) {
        throw new IllegalArgumentException("a classifier needs two classes, not " + classes);
      }
    }
  }
}
