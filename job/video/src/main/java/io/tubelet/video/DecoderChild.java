package io.tubelet.video;

import io.tubelet.video.Decoding.DecodeLimits;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The program of a decoder process: decodes what its parent names, until the parent goes. Both send
 * each other objects over the child's standard input and output, one file at a time. The file's
 * bytes stay with the parent, which alone knows the storage:
 *
 * <pre>
 * parent: Task
 * child:  Open      parent: Opened, or an exception
 * child:  Read      parent: a byte[], empty at the end, or an exception
 * child:  Decoded
 * </pre>
 */
public final class DecoderChild {
  private DecoderChild() {}

  record Task(String name, Windows windows, DecodeLimits limits) implements Serializable {}

  record Open() implements Serializable {}

  /** See {@link VideoSource.Content}; {@code pictures} is null of a file. */
  record Opened(long size, String pictures) implements Serializable {}

  record Read(long position, int count) implements Serializable {}

  /** What went wrong at the parent's end, told in the parent's words. */
  @SuppressWarnings("OverrideThrowableToString") // the words name a type already
  static final class StorageException extends IOException {
    StorageException(String message) {
      super(message);
    }

    @Override
    public String toString() {
      return getMessage();
    }
  }

  /** Both directions between a parent and its child. */
  record Pipe(ObjectOutputStream out, ObjectInputStream in) {
    private static final int BUFFER = 1 << 16;

    /** Waits until the other end is ready. */
    static Pipe open(OutputStream out, InputStream in) throws IOException {
      ObjectOutputStream to = new ObjectOutputStream(new BufferedOutputStream(out, BUFFER));
      to.flush(); // the stream's header says that this end is ready
      return new Pipe(to, new ObjectInputStream(new BufferedInputStream(in, BUFFER)));
    }

    void send(Object message) throws IOException {
      out.writeObject(message);
      out.reset(); // or it would keep all that was ever sent
      out.flush();
    }

    Object receive() throws IOException {
      try {
        return in.readObject();
      } catch (ClassNotFoundException e) {
        throw new IOException("the other end has other classes", e);
      }
    }

    private Object ask(Object question) throws IOException {
      send(question);
      Object answer = receive();
      if (answer instanceof IOException e) {
        throw e;
      }
      return answer;
    }
  }

  public static void main(String[] arguments) throws IOException {
    serve(new InThread());
  }

  /** Serves standard input and output until the former ends. */
  public static void serve(Decoding decoding) throws IOException {
    // a child that hangs in a file would not see that its input has ended
    CompletableFuture<?> orphaned =
        ProcessHandle.current()
            .parent()
            .map(ProcessHandle::onExit)
            .orElseGet(CompletableFuture::new)
            .thenRun(() -> Runtime.getRuntime().halt(0));
    // a terminal's Ctrl-C and a scheduler's SIGTERM reach the whole group; when to end, the parent
    // decides: the file at work is decoded meanwhile
    Runtime.getRuntime().addShutdownHook(new Thread(orphaned::join));
    System.setOut(System.err); // the pipe is for messages
    Pipe parent =
        Pipe.open(new FileOutputStream(FileDescriptor.out), new FileInputStream(FileDescriptor.in));
    try {
      while (true) {
        Task task = (Task) parent.receive();
        Remote video = new Remote(task.name(), parent);
        parent.send(decoding.decode(video, task.windows(), task.limits()));
      }
    } catch (EOFException e) { // the parent has no more files
      Runtime.getRuntime().halt(0);
    } finally {
      Runtime.getRuntime().halt(1);
    }
  }

  /** The file at the parent's end of the pipe. */
  private record Remote(String name, Pipe parent) implements VideoSource {
    @Override
    public Content open() throws IOException {
      Opened opened = (Opened) parent.ask(new Open());
      return new RemoteContent(opened.size(), Optional.ofNullable(opened.pictures()), parent);
    }
  }

  private record RemoteContent(long size, Optional<String> pictures, Pipe parent)
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
