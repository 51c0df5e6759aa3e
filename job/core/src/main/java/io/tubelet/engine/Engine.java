package io.tubelet.engine;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.cube.CubeBatch;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Task;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.io.Serializable;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * One replica on one device: does the arithmetic of a network and keeps its state in native memory.
 *
 * <p>An engine is used by one thread at a time and must be closed. All engines compute the same
 * function: fp32 outputs agree within 1e-4, gradients within 1e-3 relative. Pixels come as bytes;
 * normalisation happens inside.
 */
public interface Engine extends AutoCloseable {

  Training training();

  /** Replaces the state by copies of the arrays; fails if it belongs to another network. */
  void load(TrainState state);

  TrainState state();

  /**
   * One training step: forward, backward, update with the rate of this step.
   *
   * <p>Pretraining takes masked batches and minimises the task's {@link
   * io.tubelet.model.Task.PixelLoss} on hidden cubes, or MoCo v3's loss of whole clips, in pairs of
   * views that are neighbours; classification takes unmasked batches with soft labels and minimises
   * cross-entropy; detection takes boxes with labels of 0 and 1 and minimises the mean over boxes
   * and classes of the binary cross-entropy of the scores' sigmoid.
   *
   * <p>If loss or gradient is not finite, weights and moments stay as they are and only the step
   * count advances; the result says so by {@link StepResult#finite}.
   */
  StepResult step(CubeBatch batch);

  /**
   * Loss and gradient of the mean loss over the batch; the state stays as it is.
   *
   * @param to takes the gradient: a buffer for each tensor of the layout, best direct ones
   */
  double gradient(CubeBatch batch, List<FloatBuffer> to);

  /**
   * The second half of {@link #step}: the update by a gradient, such as the mean of several
   * replicas'. {@code step(batch)} is {@code update(gradient(batch))} within rounding.
   *
   * @param gradient as {@link #gradient} writes it; may be changed
   */
  StepResult update(double loss, List<FloatBuffer> gradient);

  /**
   * What the network answers. A classifier: class scores before softmax, {@code [batch, classes]},
   * a detector: those before the sigmoid, {@code [batch, boxes, classes]}, of which those of
   * missing boxes mean nothing. A network that reconstructs: hidden cubes {@code [batch, hidden,
   * cubeValues]}, pixel-major, in the target's space (normalised per cube and channel if the task
   * says so). One of MoCo v3: features.
   */
  float[] predict(CubeBatch batch);

  /**
   * The encoder's answer for the visible tokens {@code [batch, visible, dim]}, in ascending token
   * index: after its final norm, or its last block in a classifier, which has no such norm.
   */
  float[] encode(CubeBatch batch);

  @Override
  void close();

  /** Refuses clips of another size than the network's. */
  default void requireGeometry(CubeBatch batch) {
    ModelSpec model = training().model();
    ClipGeometry expected = batch.hidden() > 0 ? model.clips() : model.geometry();
    if (!batch.geometry().equals(expected)) {
      throw new IllegalArgumentException(
          "expected clips of %s, found %s".formatted(expected, batch.geometry()));
    }
  }

  /** Refuses clips that the network cannot answer for: none hidden, or no boxes. */
  default void requireAnswerable(CubeBatch batch) {
    requireGeometry(batch);
    ModelSpec model = training().model();
    if (model.task() instanceof Task.Pretraining && batch.hidden() == 0) {
      throw new IllegalArgumentException("expected masked clips, found no hidden tokens");
    }
    if (model.detects() && batch.boxesPerClip() == 0) {
      throw new IllegalArgumentException("expected clips with boxes, found no box");
    }
  }

  /** Refuses clips that the network cannot learn from. */
  default void requireTrainable(CubeBatch batch) {
    requireAnswerable(batch);
    ModelSpec model = training().model();
    if (model.task() instanceof Task.Pretraining) {
      return;
    }
    if (model.task() instanceof Task.Contrastive) {
      if (batch.hidden() != 0 || batch.size() % 2 != 0) {
        throw new IllegalArgumentException(
            "expected two whole views of each clip, found %d with %d hidden tokens"
                .formatted(batch.size(), batch.hidden()));
      }
      return;
    }
    int rows = model.detects() ? batch.boxesPerClip() : 1;
    if (batch.hidden() != 0 || batch.classes() != rows * model.classes()) {
      throw new IllegalArgumentException(
          "expected whole clips with labels over %d classes, found %d hidden tokens, %d classes"
              .formatted(rows * model.classes(), batch.hidden(), batch.classes()));
    }
  }

  /** The mean loss over the batch, before the update, and the gradient's norm before clipping. */
  record StepResult(double loss, double gradientNorm, double learningRate) implements Serializable {
    public boolean finite() {
      return Double.isFinite(loss) && Double.isFinite(gradientNorm);
    }
  }
}
