package io.tubelet.video.process;

import io.tubelet.video.DecodeLimits;
import io.tubelet.video.Decoding;
import io.tubelet.video.InThread;
import io.tubelet.video.VideoSource;
import io.tubelet.video.Windows;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The program of a decoder process: decodes what its parent names, until the parent goes. */
public final class DecoderChild {
  static final int PIPE_BUFFER = 1 << 16;

  private DecoderChild() {}

  /** A file to decode. */
  record Task(String name, Windows windows, DecodeLimits limits) implements Serializable {}

  /** Asks the parent to open the task's file. */
  record Open() implements Serializable {}

  /** See {@link VideoSource.Content}; {@code pictures} is null of a file. */
  record Opened(long size, String pictures) implements Serializable {}

  /** Asks the parent for some bytes of the file. */
  record Read(long position, int count) implements Serializable {}

  /** What went wrong at the parent's end, told in the parent's words. */
  @SuppressWarnings({"serial", "OverrideThrowableToString"}) // the words name a type already
  static final class StorageException extends IOException {
    StorageException(String message) {
      super(message);
    }

    @Override
    public String toString() {
      return getMessage();
    }
  }

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
    ObjectOutputStream out =
        new ObjectOutputStream(
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), PIPE_BUFFER));
    System.setOut(System.err); // the pipe is for messages
    out.flush(); // the stream's header says that the child is ready
    ObjectInputStream in =
        new ObjectInputStream(
            new BufferedInputStream(new FileInputStream(FileDescriptor.in), PIPE_BUFFER));
    Parent parent = new Parent(in, out);
    while (true) {
      Task task;
      try {
        task = (Task) parent.receive();
      } catch (EOFException e) {
        return; // the parent has no more files
      }
      parent.send(decoding.decode(new Remote(task.name(), parent), task.windows(), task.limits()));
    }
  }

  /** A child that hangs in a file would not see that its input has ended. */
  private static void endWith(ProcessHandle parent) {
    CompletableFuture<?> unused = parent.onExit().thenRun(() -> Runtime.getRuntime().halt(0));
  }

  private record Parent(ObjectInputStream in, ObjectOutputStream out) {
    void send(Object message) throws IOException {
      out.writeObject(message);
      out.reset(); // or it would keep all that was ever sent
      out.flush();
    }

    Object receive() throws IOException {
      try {
        return in.readObject();
      } catch (ClassNotFoundException e) {
        throw new IOException("the parent has other classes", e);
      }
    }

    Object ask(Object question) throws IOException {
      send(question);
      Object answer = receive();
      if (answer instanceof IOException e) {
        throw e;
      }
      return answer;
    }
  }

  /** The file at the parent's end of the pipe. */
  private record Remote(String name, Parent parent) implements VideoSource {
    @Override
    public Content open() throws IOException {
      Opened opened = (Opened) parent.ask(new Open());
      return new RemoteContent(opened.size(), Optional.ofNullable(opened.pictures()), parent);
    }
  }

  private record RemoteContent(long size, Optional<String> pictures, Parent parent)
      implements VideoSource.Content {
    @Override
    public int read(long position, ByteBuffer into) throws IOException {
      byte[] bytes = (byte[]) parent.ask(new Read(position, into.remaining()));
      into.put(bytes);
      return bytes.length == 0 ? -1 : bytes.length;
    }

    @Override
    public void close() {} // the parent does when it has the answer
  }
}
