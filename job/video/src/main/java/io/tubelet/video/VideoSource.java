package io.tubelet.video;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A named file of bytes that can be read from any position, or a folder of pictures, on whatever
 * file system it lies.
 *
 * <p>FFmpeg is given a file's bytes, never its path: so a name needs no escaping, and nothing
 * inside a file can name another file or an address to be opened.
 */
public interface VideoSource {

  /** What messages call it. */
  String name();

  /**
   * Opens it; each call is independent of the others.
   *
   * @throws IOException if it cannot be opened; {@link NoSuchFileException} or {@link
   *     java.io.FileNotFoundException} if it does not exist
   */
  Content open() throws IOException;

  /** An opened source. Used by one thread at a time. */
  interface Content extends Closeable {
    /** Number of bytes. */
    long size() throws IOException;

    /**
     * Reads some bytes at {@code position} into the buffer's remaining space.
     *
     * @param into up to 128 KiB of native memory, gone after the call
     * @return how many, at least 1; or -1 if {@code position} is at or behind the end
     */
    int read(long position, ByteBuffer into) throws IOException;

    /**
     * Of a folder of pictures: where they are on a local disk until closed, as FFmpeg's pattern.
     */
    default Optional<String> pictures() {
      return Optional.empty();
    }
  }

  /** A file or a folder of pictures on a local disk (or any JDK file system with channels). */
  static VideoSource of(Path path) {
    return new LocalFile(path);
  }

  /**
   * A file that is in memory already.
   *
   * @param bytes not copied, must not be written to
   */
  static VideoSource of(String name, byte[] bytes) {
    return new InMemory(name, bytes);
  }

  /** A path of the JDK's file systems. */
  record LocalFile(Path path) implements VideoSource {
    @Override
    public String name() {
      return path.toString();
    }

    @Override
    public Content open() throws IOException {
      if (!Files.exists(path)) {
        throw new NoSuchFileException(path.toString());
      }
      if (Files.isDirectory(path)) {
        try (Stream<Path> files = Files.list(path)) {
          return Pictures.of(files.filter(Files::isRegularFile).map(VideoSource::of).toList());
        }
      }
      if (!Files.isRegularFile(path)) { // opening a pipe would wait for ever
        throw new FileSystemException(path.toString(), null, "not a regular file");
      }
      return new OpenFile(FileChannel.open(path, StandardOpenOption.READ));
    }
  }

  /** An opened {@link LocalFile}. */
  record OpenFile(FileChannel channel) implements Content {
    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public int read(long position, ByteBuffer into) throws IOException {
      return channel.read(into, position);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /** Bytes under a name. */
  @SuppressWarnings("ArrayRecordComponent") // a carrier: compared by nobody, copied never
  record InMemory(String name, byte[] bytes) implements VideoSource, Content {
    @Override
    public Content open() {
      return this;
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public int read(long position, ByteBuffer into) {
      if (position >= bytes.length) {
        return -1;
      }
      int count = Math.min(into.remaining(), bytes.length - (int) position);
      into.put(bytes, (int) position, count);
      return count;
    }

    @Override
    public void close() {}
  }
}
