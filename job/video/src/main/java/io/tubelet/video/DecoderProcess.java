package io.tubelet.video;

import io.tubelet.video.Decoded.Reason;
import io.tubelet.video.DecoderChild.Pipe;
import io.tubelet.video.Decoding.DecodeLimits;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** One child that decodes file after file. Once a file has ended it, it is of no more use. */
final class DecoderProcess {
  private static final int START_SECONDS = 60;

  /** Beyond the time limit, within which the child should end by itself. */
  private static final int GRACE_SECONDS = 2;

  /** The JVM's exit code with {@code ExitOnOutOfMemoryError}. */
  private static final int OUT_OF_MEMORY = 3;

  /** SIGHUP, SIGINT, SIGKILL (also the kernel's, for want of memory) and SIGTERM. */
  private static final Set<Integer> FROM_OUTSIDE = Set.of(129, 130, 137, 143);

  private static final int LARGEST_READ = 1 << 17;
  private static final ObjectInputFilter CLASSES =
      ObjectInputFilter.Config.createFilter("io.tubelet.**;java.lang.*;java.util.*;!*");

  private static final ScheduledExecutorService CLOCK =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "decoder-watch");
            thread.setDaemon(true);
            return thread;
          });

  final Process jvm;
  private final int megabytes;
  private final Pipe child;
  private long largestArray;

  private DecoderProcess(Process process, int megabytes) throws IOException {
    this.jvm = process;
    this.megabytes = megabytes;
    this.child = Pipe.open(process.getOutputStream(), process.getInputStream());
    child
        .in()
        .setObjectInputFilter(
            info ->
                info.arrayLength() > largestArray
                    ? ObjectInputFilter.Status.REJECTED
                    : CLASSES.checkInput(info));
  }

  /**
   * Starts a child and waits until it is ready.
   *
   * @throws IOException if it does not come up
   */
  static DecoderProcess start(ProcessBuilder builder, int megabytes) throws IOException {
    Process process = builder.start();
    try (Watch watch = new Watch(process, START_SECONDS, megabytes)) {
      DecoderProcess started = new DecoderProcess(process, megabytes);
      if (watch.killedFor().isEmpty()) {
        return started;
      }
    } catch (IOException e) { // it has ended; the code says more
    }
    throw new IOException(
        "the decoder process ended with code %d before its first file"
            .formatted(exitCode(process)));
  }

  /**
   * Decodes a file; afterwards the process may be dead.
   *
   * @return empty if somebody else ended the child
   */
  Optional<Decoded> decode(VideoSource source, Windows windows, DecodeLimits limits) {
    ServedFile file = new ServedFile(source);
    try (Watch watch = new Watch(jvm, limits.seconds() + GRACE_SECONDS, megabytes)) {
      largestArray = Math.max(windows.spec().windows(), windows.spec().mostBytes());
      try {
        child.send(new DecoderChild.Task(source.name(), windows, limits));
        return Optional.of(serve(file));
      } catch (IOException | RuntimeException e) {
        // the pipe broke, or what came through it makes no sense
        int code = exitCode(jvm);
        if (file.failure != null) {
          return Optional.of(
              new Decoded.Refused(Reason.UNREADABLE, source.name() + ": " + file.failure));
        }
        boolean ended = watch.killedFor().isEmpty() && FROM_OUTSIDE.contains(code);
        return ended ? Optional.empty() : Optional.of(blame(source.name(), watch, code));
      }
    } finally {
      if (file.content != null) {
        file.content.closeQuietly();
      }
    }
  }

  private Decoded serve(ServedFile file) throws IOException {
    Object message = child.receive();
    while (!(message instanceof Decoded)) {
      child.send(
          message instanceof DecoderChild.Read read
              ? file.read(read.position(), read.count())
              : file.open());
      message = child.receive();
    }
    return (Decoded) message;
  }

  private Decoded.Refused blame(String name, Watch watch, int code) {
    Reason died = code == OUT_OF_MEMORY ? Reason.TOO_LARGE : Reason.CRASHED;
    Reason reason = watch.killedFor().orElse(died);
    String what =
        switch (reason) {
          case TIMED_OUT -> "hung the decoder, which was killed";
          case TOO_LARGE -> "took the decoder more than %d MB of memory".formatted(megabytes);
          default -> "crashed the decoder, " + (code < 0 ? "it was killed" : "exit code " + code);
        };
    return new Decoded.Refused(reason, name + ": " + what);
  }

  /** Waits briefly for the process to exit; -1 if it has to be killed. */
  private static int exitCode(Process process) {
    try {
      if (process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
        return process.exitValue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly().onExit().join();
    return -1;
  }

  /** The file whose bytes the child is given until it has decoded it. */
  private static final class ServedFile {
    private final VideoSource source;
    private VideoSource.Content content;

    /** What the storage failed with, which the child may have waited for in vain. */
    private String failure;

    ServedFile(VideoSource source) {
      this.source = source;
    }

    Object open() {
      try {
        content = source.open();
        return new DecoderChild.Opened(content.size(), content.pictures().orElse(null));
      } catch (NoSuchFileException | FileNotFoundException e) {
        return new FileNotFoundException(source.name());
      } catch (IOException | RuntimeException e) { // whatever a file system may throw
        return failed(e);
      }
    }

    private Object failed(Exception e) {
      failure = e.toString();
      return new DecoderChild.StorageException(failure);
    }

    Object read(long position, int count) throws IOException {
      if (content == null || position < 0 || count < 1 || count > LARGEST_READ) {
        throw new IOException("asked for %d bytes at %d".formatted(count, position));
      }
      try {
        byte[] bytes = new byte[count];
        int got = content.read(position, ByteBuffer.wrap(bytes));
        return Arrays.copyOf(bytes, Math.max(got, 0));
      } catch (IOException | RuntimeException e) {
        return failed(e);
      }
    }
  }

  /**
   * Kills a process that takes too long or too much memory over one file. Time in which this
   * process was stopped, such as by Ctrl-Z, does not count: of two looks it is a second at most.
   */
  private static final class Watch implements AutoCloseable {
    private static final int PERIOD_MILLIS = 50;
    private static final long LONGEST_STEP = TimeUnit.SECONDS.toNanos(1);

    private final ScheduledFuture<?> looking;
    private volatile Reason killedFor;
    private long left;
    private long last = System.nanoTime();

    Watch(Process process, int seconds, int megabytes) {
      left = TimeUnit.SECONDS.toNanos(seconds);
      Runnable look =
          () -> {
            long now = System.nanoTime();
            left -= Math.min(now - last, LONGEST_STEP);
            last = now;
            if (left < 0) {
              kill(process, Reason.TIMED_OUT);
            } else if (residentMegabytes(process) > megabytes) {
              kill(process, Reason.TOO_LARGE);
            }
          };
      looking =
          CLOCK.scheduleWithFixedDelay(look, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void kill(Process process, Reason reason) {
      killedFor = killedFor == null ? reason : killedFor;
      process.destroyForcibly();
    }

    /** 0 where the operating system does not tell: then the time limit alone holds. */
    private static long residentMegabytes(Process process) {
      Path status = Path.of("/proc", Long.toString(process.pid()), "status");
      try {
        return Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
            .findFirst()
            .orElse(0);
      } catch (IOException | RuntimeException e) { // gone already, or no Linux
        return 0;
      }
    }

    Optional<Reason> killedFor() {
      return Optional.ofNullable(killedFor);
    }

    @Override
    public void close() {
      looking.cancel(false);
    }
  }
}
