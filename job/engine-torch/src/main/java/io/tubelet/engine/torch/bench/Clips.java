package io.tubelet.engine.torch.bench;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.cube.CubeBatch;
import io.tubelet.masking.Mask;
import io.tubelet.model.Task;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Noise as the clips of a minibatch: some tokens hidden for pretraining, labels for classification.
 *
 * @param geometry of each clip
 * @param ids names of the clips
 * @param frames their pixels
 * @param masks what is hidden of each
 * @param labels {@code [batch, classes]}
 */
record Clips(
    ClipGeometry geometry,
    List<String> ids,
    List<Frames> frames,
    List<Mask> masks,
    float[] labels) {
  private static final long SEED = 1;

  static Clips of(BenchCase what) {
    ClipGeometry geometry = what.model().geometry();
    boolean hides = what.model().task() instanceof Task.Pretraining;
    List<String> ids = IntStream.range(0, what.batch()).mapToObj(i -> "clip" + i).toList();
    return new Clips(
        geometry,
        ids,
        ids.stream().map(id -> frames(geometry, id)).toList(),
        ids.stream()
            .map(
                id ->
                    hides
                        ? what.masking().draw(geometry, SampleSeed.of(SEED, 0, id, "mask"))
                        : Mask.none(geometry.tokens()))
            .toList(),
        labels(hides ? 0 : what.model().classification().classes(), what.batch()));
  }

  private static Frames frames(ClipGeometry geometry, String id) {
    byte[] bytes = new byte[geometry.clipBytes()];
    SampleSeed.of(SEED, 0, id, "pixels").nextBytes(bytes);
    return new Frames(geometry.frames(), geometry.height(), geometry.width(), bytes);
  }

  private static float[] labels(int classes, int clips) {
    float[] labels = new float[classes * clips];
    for (int i = 0; i < clips && classes > 0; i++) {
      labels[i * classes + i % classes] = 1;
    }
    return labels;
  }

  /** The minibatch. */
  CubeBatch cut() {
    return CubeBatch.cut(geometry, frames, masks, labels, ids);
  }
}
