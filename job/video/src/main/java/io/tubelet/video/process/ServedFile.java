package io.tubelet.video.process;

import io.tubelet.video.Decoded;
import io.tubelet.video.SamplingSpec;
import io.tubelet.video.source.DecodeLimits;
import io.tubelet.video.source.VideoSource;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;

/** Gives a child the bytes of one file until it has decoded it. */
final class ServedFile implements AutoCloseable {
  private static final int LARGEST_READ = 1 << 17;

  private final VideoSource source;
  private final DataInputStream in;
  private final DataOutputStream out;
  private final byte[] buffer = new byte[LARGEST_READ];
  private VideoSource.Content content;
  private boolean asked;

  ServedFile(VideoSource source, DataInputStream in, DataOutputStream out) {
    this.source = source;
    this.in = in;
    this.out = out;
  }

  /**
   * Answers the child until it says what it has.
   *
   * @throws IOException if the child ends or says something else
   */
  Decoded serve(SamplingSpec spec, DecodeLimits limits) throws IOException {
    while (true) {
      byte message = in.readByte();
      switch (message) {
        case Wire.OPEN -> open();
        case Wire.READ -> read(in.readLong(), in.readInt());
        case Wire.CLOSE -> close();
        case Wire.REFUSED -> {
          return Wire.refused(in);
        }
        case Wire.CLIPS -> {
          return Wire.clips(in, spec, limits);
        }
        default -> throw new IOException("no message begins with " + message);
      }
      out.flush();
    }
  }

  /** Whether the child has begun with the file. */
  boolean asked() {
    return asked;
  }

  private void open() throws IOException {
    asked = true;
    close();
    long size;
    try {
      content = source.open();
      size = content.size();
    } catch (NoSuchFileException | FileNotFoundException e) {
      out.writeLong(Wire.END);
      return;
    } catch (IOException | RuntimeException e) { // whatever a file system may throw
      out.writeLong(Wire.FAILED);
      Wire.write(out, e.toString());
      return;
    }
    out.writeLong(size);
  }

  private void read(long position, int count) throws IOException {
    if (content == null || position < 0 || count < 1 || count > LARGEST_READ) {
      throw new IOException("asked for %d bytes at %d".formatted(count, position));
    }
    int got;
    try {
      got = content.read(position, ByteBuffer.wrap(buffer, 0, count));
    } catch (IOException | RuntimeException e) {
      out.writeInt(Wire.FAILED);
      Wire.write(out, e.toString());
      return;
    }
    out.writeInt(got > 0 ? got : Wire.END);
    out.write(buffer, 0, Math.max(got, 0));
  }

  /** All that was wanted has been read, so a failure to close changes nothing. */
  @Override
  public void close() {
    VideoSource.Content last = content;
    content = null;
    try (last) {
      // nothing left to do
    } catch (IOException | RuntimeException e) {
      // as said above
    }
  }
}
