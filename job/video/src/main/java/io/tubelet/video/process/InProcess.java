package io.tubelet.video.process;

import io.tubelet.video.Decoded;
import io.tubelet.video.Decoding;
import io.tubelet.video.Windows;
import io.tubelet.video.source.DecodeLimits;
import io.tubelet.video.source.Reason;
import io.tubelet.video.source.VideoSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * Decodes in child processes, one per thread that decodes: a file that crashes FFmpeg, hangs in it
 * or takes too much memory ends its child and is blamed for it, and the next file gets another.
 *
 * @param child class with the child's main method
 * @param megabytes of memory that a child may hold, heap and native
 */
public record InProcess(Class<?> child, int megabytes) implements Decoding {
  private static final int IDLE_SECONDS = 10;
  private static final int TRIES = 3;
  private static final Map<InProcess, Deque<DecoderProcess>> IDLE = new ConcurrentHashMap<>();

  /** Children that decode as {@link io.tubelet.video.InThread} does. */
  public InProcess(int megabytes) {
    this(DecoderChild.class, megabytes);
  }

  @Override
  public Decoded decode(VideoSource source, Windows windows, DecodeLimits limits) {
    Deque<DecoderProcess> idle = IDLE.computeIfAbsent(this, key -> new ConcurrentLinkedDeque<>());
    for (int tries = 0; tries < TRIES; tries++) {
      DecoderProcess process = idle.pollFirst();
      process = process == null || !process.alive() ? start() : process;
      Optional<Decoded> decoded = process.decode(source, windows, limits);
      giveBack(process, idle);
      if (decoded.isPresent()) { // else the child may have died of something else
        return decoded.get();
      }
    }
    return new Decoded.Refused(
        Reason.CRASHED,
        "%s: ended %d decoder processes before they read it".formatted(source.name(), TRIES));
  }

  private DecoderProcess start() {
    try {
      return DecoderProcess.start(child, megabytes);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start a process to decode in: " + e.getMessage(), e);
    }
  }

  /** Another file may come soon; if none does, the child goes. */
  private static void giveBack(DecoderProcess process, Deque<DecoderProcess> idle) {
    if (process.alive()) {
      idle.addFirst(process);
      Watch.later(
          IDLE_SECONDS,
          () -> {
            if (idle.remove(process)) {
              process.close();
            }
          });
    } else {
      process.close();
    }
  }
}
