package io.tubelet.bench;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.spark.data.ClipAccess;
import io.tubelet.spark.data.ClipRow;
import java.util.Optional;

/**
 * Clips that cost nothing to read, all of the same noise, for timing what comes after.
 *
 * @param geometry their size
 */
record Noise(ClipGeometry geometry) implements ClipAccess {

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
    Frames frames = frames("noise");
    return (clip, epoch, refused) -> Optional.of(frames);
  }

  /** The noise of one name. */
  Frames frames(String id) {
    byte[] bytes = new byte[geometry.clipBytes()];
    SampleSeed.of(1, 0, id, "pixels").nextBytes(bytes);
    return new Frames(geometry.frames(), geometry.height(), geometry.width(), bytes);
  }
}
