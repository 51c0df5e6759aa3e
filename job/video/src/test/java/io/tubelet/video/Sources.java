package io.tubelet.video;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Sources of tests, and what came of them. */
public final class Sources {
  private Sources() {}

  /** A file, or a folder of pictures, on a local disk. */
  public static VideoSource of(Path path) {
    return new Local(path);
  }

  /** A file that is in memory. */
  public static VideoSource of(String name, byte[] bytes) {
    return new InMemory(name, bytes, () -> {});
  }

  /** A file of the tests' own, such as {@code odd/encrypted.mp4}, or a folder of them. */
  static Path file(String name) {
    return Path.of(URI.create(Sources.class.getResource("/files/" + name).toString()));
  }

  public static Decoded.Clips clips(Decoded decoded) {
    assertThat(decoded).isInstanceOf(Decoded.Clips.class);
    return (Decoded.Clips) decoded;
  }

  static Decoded.Refused refused(Decoded decoded) {
    assertThat(decoded).isInstanceOf(Decoded.Refused.class);
    return (Decoded.Refused) decoded;
  }

  private record Local(Path path) implements VideoSource {
    @Override
    public String name() {
      return path.toString();
    }

    @Override
    public Content open() throws IOException {
      if (Files.isDirectory(path)) {
        try (Stream<Path> files = Files.list(path)) {
          return Pictures.of(files.filter(Files::isRegularFile).map(Sources::of).toList());
        }
      }
      return of(name(), Files.readAllBytes(path)).open();
    }
  }

  /** What happens before each read. */
  public interface Incident {
    /** Happens. */
    void happen() throws IOException;
  }

  /** A file in memory whose storage has incidents. */
  public record InMemory(String name, byte[] bytes, Incident incident)
      implements VideoSource, VideoSource.Content {
    @Override
    public Content open() {
      return this;
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public int read(long position, ByteBuffer into) throws IOException {
      incident.happen();
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
