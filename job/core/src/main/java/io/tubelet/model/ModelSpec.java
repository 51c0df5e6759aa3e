package io.tubelet.model;

import io.tubelet.clip.ClipGeometry;
import java.io.Serializable;

/**
 * A network, as a value: two equal specs have the same parameters and compute the same function.
 */
public record ModelSpec(ClipGeometry geometry, Transformer encoder, Task task)
    implements Serializable {

  /** Epsilon of every layer norm (the published code's; Hugging Face's differ by about 4e-6). */
  public static final double LAYER_NORM_EPSILON = 1e-6;

  private static final float[] PIXEL_MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] PIXEL_STD = {0.229f, 0.224f, 0.225f};

  /** Added to a cube's standard deviation, outside the square root, in the normalised target. */
  public static final double TARGET_EPSILON = 1e-6;

  /** Mean of a channel over ImageNet, for pixels in [0, 1]; channels are red, green, blue. */
  public static float pixelMean(int channel) {
    return PIXEL_MEAN[channel];
  }

  /** Standard deviation of a channel over ImageNet, for pixels in [0, 1]. */
  public static float pixelStd(int channel) {
    return PIXEL_STD[channel];
  }

  public ModelSpec classifier(int classes) {
    return new ModelSpec(geometry, encoder, new Task.Classification(classes));
  }

  public ModelSpec detector(int classes) {
    return new ModelSpec(geometry, encoder, new Task.Detection(classes));
  }

  /**
   * Clips with their targets, as batches with hidden cubes hold them. Where these have more frames
   * than {@link #geometry}, the encoder sees the first of each pair; tokens are the same.
   */
  public ClipGeometry clips() {
    return task instanceof Task.Pretraining of ? of.frames().clips(geometry) : geometry;
  }

  public boolean detects() {
    return task instanceof Task.Detection;
  }

  /** Whether it learns without labels. */
  public boolean pretrains() {
    return task instanceof Task.Pretraining || task instanceof Task.Contrastive;
  }

  public Task.Pretraining pretraining() {
    if (task instanceof Task.Pretraining pretraining) {
      return pretraining;
    }
    throw new IllegalStateException("not a pretraining network: " + this);
  }

  /** Classes of a classifier or a detector. */
  public int classes() {
    if (task instanceof Task.Classification classification) {
      return classification.classes();
    }
    if (task instanceof Task.Detection detection) {
      return detection.classes();
    }
    throw new IllegalStateException("not a classifier: " + this);
  }
}
