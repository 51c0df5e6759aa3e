package io.tubelet.video.process;

import io.tubelet.video.Decoding;
import io.tubelet.video.InThread;
import io.tubelet.video.Windows;
import io.tubelet.video.source.VideoSource;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CompletableFuture;

/** The program of a decoder process: decodes what its parent names, until the parent goes. */
public final class DecoderChild {
  private static final int PIPE_BUFFER = 1 << 16;

  private DecoderChild() {}

  /** Serves standard input and output. */
  public static void main(String[] arguments) throws IOException {
    serve(new InThread());
  }

  /**
   * Serves standard input and output until the former ends.
   *
   * @param decoding does the work
   */
  public static void serve(Decoding decoding) throws IOException {
    ProcessHandle.current().parent().ifPresent(DecoderChild::endWith);
    DataInputStream in =
        new DataInputStream(
            new BufferedInputStream(new FileInputStream(FileDescriptor.in), PIPE_BUFFER));
    DataOutputStream out =
        new DataOutputStream(
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), PIPE_BUFFER));
    System.setOut(System.err); // the pipe is for messages
    out.writeByte(Wire.READY);
    out.flush();
    while (true) {
      String name;
      try {
        name = Wire.text(in);
      } catch (EOFException e) {
        return; // the parent has no more files
      }
      Windows windows = Wire.windows(in);
      Wire.write(out, decoding.decode(new Remote(name, in, out), windows, Wire.limits(in)));
      out.flush();
    }
  }

  /** A child that hangs in a file would not see that its input has ended. */
  private static void endWith(ProcessHandle parent) {
    CompletableFuture<?> unused = parent.onExit().thenRun(() -> Runtime.getRuntime().halt(0));
  }

  /** The file at the parent's end of the pipe. */
  private record Remote(String name, DataInputStream in, DataOutputStream out)
      implements VideoSource {
    @Override
    public Content open() throws IOException {
      out.writeByte(Wire.OPEN);
      out.flush();
      long size = in.readLong();
      if (size == Wire.END) {
        throw new NoSuchFileException(name);
      }
      if (size == Wire.FAILED) {
        throw new StorageException(Wire.text(in));
      }
      return new RemoteContent(size, in, out);
    }
  }

  private record RemoteContent(long size, DataInputStream in, DataOutputStream out)
      implements VideoSource.Content {
    @Override
    public int read(long position, ByteBuffer into) throws IOException {
      out.writeByte(Wire.READ);
      out.writeLong(position);
      out.writeInt(into.remaining());
      out.flush();
      int count = in.readInt();
      if (count == Wire.FAILED) {
        throw new StorageException(Wire.text(in));
      }
      if (count > 0) {
        byte[] bytes = new byte[count];
        in.readFully(bytes);
        into.put(bytes);
      }
      return count;
    }

    @Override
    public void close() throws IOException {
      out.writeByte(Wire.CLOSE);
      out.flush();
    }
  }

  /** What went wrong at the parent's end, told in the parent's words. */
  @SuppressWarnings({"serial", "OverrideThrowableToString"}) // the words name a type already
  private static final class StorageException extends IOException {
    StorageException(String message) {
      super(message);
    }

    @Override
    public String toString() {
      return getMessage();
    }
  }
}
