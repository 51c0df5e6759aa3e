package io.tubelet.video;

import io.tubelet.video.Decoded.Reason;
import io.tubelet.video.Decoded.RefusedException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.Read_packet_Pointer_BytePointer_int;
import org.bytedeco.ffmpeg.avformat.Seek_Pointer_long_int;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * The bytes of a source as FFmpeg reads them, and the time that its decoding may take. Every read
 * looks at the clock, which is what ends a demuxer that searches a broken file in vain.
 *
 * <p>JavaCPP has room for ten callback objects per type and process; so there is one of each, and
 * the opaque pointer tells it whose bytes are meant.
 */
final class ByteInput implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 17;
  private static final int FROM_START = 0;
  private static final Map<Long, ByteInput> OPEN = new ConcurrentHashMap<>();

  private static final Read_packet_Pointer_BytePointer_int READ =
      new Read_packet_Pointer_BytePointer_int() {
        @Override
        public int call(Pointer opaque, BytePointer into, int count) {
          return OPEN.get(opaque.address()).read(into, count);
        }
      }.retainReference();

  private static final Seek_Pointer_long_int SEEK =
      new Seek_Pointer_long_int() {
        @Override
        public long call(Pointer opaque, long offset, int whence) {
          return OPEN.get(opaque.address()).seek(offset, whence);
        }
      }.retainReference();

  final VideoSource.Content content;
  private final long size;
  private final long deadline;
  private final LongPointer key = new LongPointer(1L);
  private long position;
  private String failure;

  private ByteInput(VideoSource.Content content, long size, long deadline) {
    this.content = content;
    this.size = size;
    this.deadline = deadline;
    OPEN.put(key.address(), this);
  }

  /**
   * @param seconds within which all reading must end
   * @throws RefusedException {@link Reason#MISSING}, {@link Reason#EMPTY_FILE}, or {@link
   *     Reason#UNREADABLE} if the storage does not give the file
   */
  static ByteInput open(VideoSource source, int seconds) throws RefusedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    VideoSource.Content content = null;
    try {
      content = source.open();
      long size = content.size();
      if (size > 0) {
        ByteInput input = new ByteInput(content, size, deadline);
        content = null; // the input's from here on
        return input;
      }
      throw new RefusedException(Reason.EMPTY_FILE, "empty file");
    } catch (NoSuchFileException | FileNotFoundException e) {
      throw new RefusedException(Reason.MISSING, "no such file");
    } catch (IOException | RuntimeException e) { // whatever a file system may throw
      throw new RefusedException(Reason.UNREADABLE, e.toString());
    } finally {
      if (content != null) {
        content.closeQuietly();
      }
    }
  }

  /** Reads from the first byte on; for one reader at a time, which {@link #free} frees. */
  AVIOContext reader() {
    position = 0;
    BytePointer buffer = new BytePointer(avutil.av_malloc(BUFFER_BYTES));
    return avformat.avio_alloc_context(buffer, BUFFER_BYTES, 0, key, READ, null, SEEK);
  }

  static void free(AVIOContext reader) {
    avutil.av_free(reader.buffer()); // not the one given: FFmpeg replaces it while probing
    avformat.avio_context_free(reader);
  }

  /**
   * Tells a storage that failed, or time that ran out, from an end of the file: FFmpeg takes all of
   * them for a reason to stop.
   *
   * @throws RefusedException {@link Reason#TIMED_OUT} or {@link Reason#UNREADABLE}
   */
  void check() throws RefusedException {
    if (failure != null) {
      throw new RefusedException(Reason.UNREADABLE, "reading failed: " + failure);
    }
    if (timedOut()) {
      throw new RefusedException(Reason.TIMED_OUT, "not read within the time limit");
    }
  }

  private boolean timedOut() {
    return System.nanoTime() - deadline > 0;
  }

  private int read(BytePointer into, int count) {
    if (timedOut() || failure != null) {
      return avutil.AVERROR_EXIT;
    }
    if (count <= 0) {
      return 0;
    }
    try {
      ByteBuffer buffer = into.capacity(count).asByteBuffer();
      int got = content.read(position, buffer);
      position += Math.max(got, 0);
      return got > 0 ? got : avutil.AVERROR_EOF;
    } catch (IOException | RuntimeException e) { // nothing may be thrown through native frames
      failure = e.toString();
      return avutil.AVERROR_EXIT;
    }
  }

  /** FFmpeg turns every other kind of seeking into one of these. */
  private long seek(long offset, int whence) {
    if (whence == avformat.AVSEEK_SIZE) {
      return size;
    }
    if (whence != FROM_START || offset < 0) {
      return -1;
    }
    position = offset;
    return offset;
  }

  @Override
  public void close() {
    OPEN.remove(key.address());
    key.close();
    content.closeQuietly();
  }
}
