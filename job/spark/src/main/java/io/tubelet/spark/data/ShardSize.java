package io.tubelet.spark.data;

import io.tubelet.clip.Frames;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * How large a shard becomes, told without its pixels: a shard of the same names and of one to eight
 * pixels a clip is written to nowhere, and what the clips have more is added. Exact for raw pixels;
 * a compressed shard is smaller.
 */
public final class ShardSize {
  private static final int ALIGNMENT = 8;

  private ShardSize() {}

  /** What a shard holds of a clip besides its pixels. */
  public record Named(String id, String label) {}

  /** Bytes of the shard file. */
  public static long of(List<Named> clips, long bytesPerClip) {
    int columns = 1;
    while ((3L * columns - bytesPerClip) % ALIGNMENT != 0) {
      columns++;
    }
    Frames few = new Frames(1, 1, columns, new byte[3 * columns]);
    DataOutputStream nowhere = new DataOutputStream(OutputStream.nullOutputStream());
    try (ShardWriter writer = new ShardWriter(nowhere, Recipe.Codec.RAW, false)) {
      for (Named clip : clips) {
        writer.add(clip.id, clip.label, few);
      }
      writer.end();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return nowhere.size() + clips.size() * (bytesPerClip - 3L * columns);
  }
}
