package io.tubelet.spark.stage;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.spark.corpus.Quarantined;
import io.tubelet.spark.store.ClipAccess;
import io.tubelet.spark.store.ClipRow;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Clips that cost nothing to read, all of the same noise, for timing what comes after.
 *
 * @param geometry their size
 */
record NoiseClips(ClipGeometry geometry) implements ClipAccess {

  @Override
  public ClipRow clip(int index) {
    return new ClipRow(
        "noise#" + index,
        "noise",
        "",
        new ClipRow.Video(geometry.frames(), 25, geometry.width(), geometry.height()),
        new ClipRow.Place(0, index),
        "");
  }

  @Override
  public Clips open() {
    byte[] bytes = new byte[geometry.clipBytes()];
    SampleSeed.of(0, 0, "noise", "pixels").nextBytes(bytes);
    Frames frames = new Frames(geometry.frames(), geometry.height(), geometry.width(), bytes);
    return new Clips() {
      @Override
      public Optional<Frames> read(ClipRow clip, long epoch, Consumer<Quarantined> refused) {
        return Optional.of(frames);
      }

      @Override
      public void close() {}
    };
  }
}
