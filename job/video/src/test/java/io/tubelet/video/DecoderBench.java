package io.tubelet.video;

import io.tubelet.video.process.InProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.bytedeco.ffmpeg.ffmpeg;
import org.bytedeco.javacpp.Loader;

/**
 * Decoding as ratios within one run, best of three: {@code DecoderBench FILE LONG_FILE FOLDER}.
 * Whole files against FFmpeg's own program of the same version with as many threads; 16 frames of a
 * long file against all of it; a folder of clips in threads against processes.
 */
final class DecoderBench {
  private static final SamplingSpec SPEC = new SamplingSpec(16, 4, 1, 224);
  private static final DecodeLimits WHOLE = new DecodeLimits(1 << 24, 1_000_000, 600, 1_000_000);
  private static final int REPEATS = 3;

  private DecoderBench() {}

  /** Something that takes time. */
  private interface Work {
    void run() throws Exception;
  }

  private static double seconds(Work work) throws Exception {
    double best = Double.MAX_VALUE;
    for (int i = 0; i < REPEATS; i++) {
      long start = System.nanoTime();
      work.run();
      best = Math.min(best, (System.nanoTime() - start) / 1e9);
    }
    return best;
  }

  private record Decoder(Decoding decoding, DecodeLimits limits) {
    Decoded.Clips decode(Path path) {
      return (Decoded.Clips) decoding.decode(Sources.of(path), Windows.even(SPEC), limits);
    }
  }

  private static void atOnce(int threads, Decoder decoder, List<Path> paths) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    List<Future<Decoded.Clips>> all = new ArrayList<>();
    for (Path path : paths) {
      all.add(pool.submit(() -> decoder.decode(path)));
    }
    for (Future<Decoded.Clips> one : all) {
      one.get();
    }
    pool.shutdown();
  }

  private static void program(int threads, Path path) throws IOException, InterruptedException {
    String[] command = {
      Loader.load(ffmpeg.class),
      "-v",
      "error",
      "-threads",
      "" + threads,
      "-i",
      "" + path,
      "-an",
      "-f",
      "null",
      "-"
    };
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IOException("ffmpeg does not decode " + path);
    }
  }

  public static void main(String[] arguments) throws Exception {
    Path file = Path.of(arguments[0]);
    Decoder whole = new Decoder(new InThread(), WHOLE);
    int frames = whole.decode(file).info().frames();
    for (int threads = 1; threads <= 2; threads++) {
      int count = threads;
      List<Path> each = Stream.generate(() -> file).limit(count).toList();
      double ours = count * frames / seconds(() -> atOnce(count, whole, each));
      double theirs = frames / seconds(() -> program(count, file));
      System.out.printf(
          "%d threads: %.0f frames/s, ffmpeg %.0f, ratio %.2f%n",
          count, ours, theirs, ours / theirs);
    }
    Path longFile = Path.of(arguments[1]);
    Decoder sampling = new Decoder(new InThread(), DecodeLimits.DEFAULT);
    double sought = seconds(() -> sampling.decode(longFile));
    double all = seconds(() -> whole.decode(longFile));
    System.out.printf(
        "16 frames of a long file: %.0f ms of %.0f, 1/%.0f%n",
        sought * 1e3, all * 1e3, all / sought);
    try (Stream<Path> listed = Files.walk(Path.of(arguments[2]))) {
      List<Path> clips = listed.filter(path -> path.toString().endsWith(".mp4")).sorted().toList();
      Decoder apart = new Decoder(new InProcess(2048), DecodeLimits.DEFAULT);
      double inThreads = seconds(() -> atOnce(2, sampling, clips));
      double inProcesses = seconds(() -> atOnce(2, apart, clips));
      System.out.printf(
          "%d clips, 2 at once: %.0f a second in threads, %.0f in processes, ratio %.2f%n",
          clips.size(),
          clips.size() / inThreads,
          clips.size() / inProcesses,
          inThreads / inProcesses);
    }
  }
}
