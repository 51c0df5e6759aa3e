package io.tubelet.video.process;

import io.tubelet.video.Decoded;
import io.tubelet.video.Windows;
import io.tubelet.video.source.DecodeLimits;
import io.tubelet.video.source.Reason;
import io.tubelet.video.source.VideoSource;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** One child that decodes file after file. Once a file has ended it, it is of no more use. */
final class DecoderProcess implements AutoCloseable {
  private static final int PIPE_BUFFER = 1 << 16;
  private static final int START_SECONDS = 60;

  /** Beyond the time limit, within which the child should end by itself. */
  private static final int GRACE_SECONDS = 2;

  /** The JVM's exit code with {@code ExitOnOutOfMemoryError}. */
  private static final int OUT_OF_MEMORY = 3;

  private final Process process;
  private final int megabytes;
  private final DataInputStream in;
  private final DataOutputStream out;

  private DecoderProcess(Process process, int megabytes) {
    this.process = process;
    this.megabytes = megabytes;
    this.in = new DataInputStream(new BufferedInputStream(process.getInputStream(), PIPE_BUFFER));
    this.out =
        new DataOutputStream(new BufferedOutputStream(process.getOutputStream(), PIPE_BUFFER));
  }

  /**
   * Starts a child and waits until it is ready.
   *
   * @param child class with the main method
   * @param megabytes that the child may hold
   * @throws IOException if it does not come up
   */
  static DecoderProcess start(Class<?> child, int megabytes) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(ChildJvm.command(child, megabytes));
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().keySet().removeAll(ChildJvm.FOREIGN_OPTIONS);
    DecoderProcess started = new DecoderProcess(builder.start(), megabytes);
    String problem;
    try (Watch watch = Watch.over(started.process, START_SECONDS, megabytes)) {
      boolean ready = started.in.read() == Wire.READY;
      if (ready && !watch.tookTooMuch()) {
        return started;
      }
      problem = "ended with code %d before its first file".formatted(started.exitCode());
    }
    throw new IOException("the decoder process " + problem);
  }

  /**
   * Decodes a file; afterwards {@link #alive} tells whether there may be another one.
   *
   * @return empty if the child ended without having seen a byte of the file
   */
  Optional<Decoded> decode(VideoSource source, Windows windows, DecodeLimits limits) {
    int seconds = limits.seconds() + GRACE_SECONDS;
    try (Watch watch = Watch.over(process, seconds, megabytes);
        ServedFile file = new ServedFile(source, in, out)) {
      try {
        Wire.write(out, source.name());
        Wire.write(out, windows);
        Wire.write(out, limits);
        out.flush();
        return Optional.of(file.serve(windows.spec(), limits));
      } catch (IOException e) { // the pipe broke, or what came through it makes no sense
        int code = exitCode();
        return file.asked() ? Optional.of(blame(source, watch, code)) : Optional.empty();
      }
    }
  }

  private Decoded.Refused blame(VideoSource source, Watch watch, int code) {
    if (watch.tookTooLong()) {
      return refused(source, Reason.TIMED_OUT, "hung the decoder, which was killed");
    }
    if (watch.tookTooMuch() || code == OUT_OF_MEMORY) {
      String detail = "took the decoder more than %d MB of memory".formatted(megabytes);
      return refused(source, Reason.TOO_LARGE, detail);
    }
    return refused(source, Reason.CRASHED, "crashed the decoder, exit code " + code);
  }

  private static Decoded.Refused refused(VideoSource source, Reason reason, String detail) {
    return new Decoded.Refused(reason, source.name() + ": " + detail);
  }

  /** Waits for the end that has shown, and hastens it. */
  private int exitCode() {
    try {
      if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      return -1;
    }
  }

  boolean alive() {
    return process.isAlive();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
