package io.tubelet.video;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A named file of bytes that can be read from any position, or a folder of pictures, on whatever
 * file system it lies.
 *
 * <p>FFmpeg is given a file's bytes, never its path: so a name needs no escaping, and nothing
 * inside a file can name another file or an address to be opened.
 */
public interface VideoSource {

  String name();

  /**
   * Opens it; each call is independent of the others.
   *
   * @throws IOException if it cannot be opened; {@link java.nio.file.NoSuchFileException} or {@link
   *     java.io.FileNotFoundException} if it does not exist
   */
  Content open() throws IOException;

  /** An opened source. Used by one thread at a time. */
  interface Content extends Closeable {
    long size() throws IOException;

    /**
     * Reads some bytes at {@code position} into up to 128 KiB of native memory of the caller's.
     *
     * @return how many, at least 1; or -1 if {@code position} is at or behind the end
     */
    int read(long position, ByteBuffer into) throws IOException;

    /** Of a folder of pictures: their place on a local disk until closed, as FFmpeg's pattern. */
    default Optional<String> pictures() {
      return Optional.empty();
    }

    /** Closes it when all that was wanted has been read, so that a failure changes nothing. */
    default void closeQuietly() {
      try {
        close();
      } catch (IOException | RuntimeException e) {
        // as said above
      }
    }
  }
}
