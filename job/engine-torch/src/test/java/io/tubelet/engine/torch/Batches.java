package io.tubelet.engine.torch;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.cube.CubeBatch;
import io.tubelet.masking.Mask;
import io.tubelet.masking.Masking;
import java.util.List;
import java.util.stream.IntStream;

/** Noise as clips. */
final class Batches {
  private Batches() {}

  /** Clips with hidden tokens and without labels. */
  static CubeBatch masked(ClipGeometry geometry, Masking masking, int size) {
    List<String> ids = ids(size);
    List<Mask> masks =
        ids.stream().map(id -> masking.draw(geometry, SampleSeed.of(1, 0, id, "mask"))).toList();
    return CubeBatch.cut(geometry, frames(geometry, ids), masks, new float[0], ids);
  }

  /** Whole clips; clip i has class {@code i % classes}. */
  static CubeBatch labelled(ClipGeometry geometry, int classes, int size) {
    List<String> ids = ids(size);
    float[] labels = new float[size * classes];
    for (int i = 0; i < size; i++) {
      labels[i * classes + i % classes] = 1;
    }
    List<Mask> masks = ids.stream().map(id -> Mask.none(geometry.tokens())).toList();
    return CubeBatch.cut(geometry, frames(geometry, ids), masks, labels, ids);
  }

  private static List<String> ids(int size) {
    return IntStream.range(0, size).mapToObj(i -> "clip" + i).toList();
  }

  private static List<Frames> frames(ClipGeometry geometry, List<String> ids) {
    return ids.stream().map(id -> frames(geometry, id)).toList();
  }

  private static Frames frames(ClipGeometry geometry, String id) {
    byte[] bytes = new byte[geometry.clipBytes()];
    SampleSeed.of(1, 0, id, "pixels").nextBytes(bytes);
    return new Frames(geometry.frames(), geometry.height(), geometry.width(), bytes);
  }
}
