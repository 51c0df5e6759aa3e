package io.tubelet.engine;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine.StepResult;
import io.tubelet.masking.Mask;
import io.tubelet.masking.Masking;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Noise as clips. */
public final class Batches {
  private Batches() {}

  /** Loss of a batch and its derivative. */
  public record Gradient(double loss, Parameters values) {
    /** An engine's, in arrays. */
    public static Gradient of(Engine engine, CubeBatch batch) {
      Parameters values = Parameters.zero(ParameterLayout.of(engine.training().model()));
      return new Gradient(engine.gradient(batch, values.buffers()), values);
    }

    public StepResult update(Engine engine) {
      return engine.update(loss, values.buffers());
    }
  }

  /** Clips with hidden tokens and without labels. */
  public static CubeBatch masked(ClipGeometry geometry, Masking masking, int size) {
    return of(geometry, masking, new float[0], size, 1, 0);
  }

  /** Whole clips; clip i has class {@code i % classes}. */
  public static CubeBatch labelled(ClipGeometry geometry, int classes, int size) {
    float[] labels = new float[size * classes];
    for (int i = 0; i < size; i++) {
      labels[i * classes + i % classes] = 1;
    }
    return of(geometry, new Masking.NoMasking(), labels, size, 1, 0);
  }

  /** Clips called clip0, clip1, … whose pixels and masks are drawn from (seed, epoch, name). */
  public static CubeBatch of(
      ClipGeometry geometry, Masking masking, float[] labels, int size, long seed, long epoch) {
    List<String> ids = IntStream.range(0, size).mapToObj(i -> "clip" + i).toList();
    List<Frames> frames =
        ids.stream().map(id -> noise(geometry, SampleSeed.of(seed, epoch, id, "pixels"))).toList();
    List<Mask> masks =
        ids.stream()
            .map(id -> masking.draw(geometry, SampleSeed.of(seed, epoch, id, "mask")))
            .toList();
    return CubeBatch.cut(geometry, frames, masks, labels, ids);
  }

  /** The same clips with boxes, and with a seed for drop path and dropout. */
  public static CubeBatch with(CubeBatch batch, float[] boxes, long seed) {
    return new CubeBatch(
        batch.geometry(),
        batch.visible(),
        batch.cubes(),
        batch.order(),
        batch.labels(),
        boxes,
        batch.clips(),
        seed);
  }

  private static Frames noise(ClipGeometry geometry, RandomGenerator random) {
    byte[] bytes = new byte[geometry.clipBytes()];
    random.nextBytes(bytes);
    return new Frames(geometry.frames(), geometry.height(), geometry.width(), bytes);
  }
}
