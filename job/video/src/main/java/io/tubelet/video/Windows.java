package io.tubelet.video;

import java.io.Serializable;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Which frames of a video a window takes, in order of presentation.
 *
 * <p>A window of {@code frames} frames at stride τ spans {@code frames · τ}; of a video of n frames
 * it starts at one of max(1, n − frames · τ + 1) positions. From there it advances by τ, and stays
 * where it is once the next step would pass the end: a short video repeats its last reachable frame
 * (arXiv 2203.12602, appendix).
 *
 * <p>Spread uniformly, a window takes one frame of each of as many equal parts of the video: drawn
 * ones, or the first ones of finer parts that evenly spaced windows take in turn.
 *
 * <p>A span has more frames than a window, and at most those that a video of its length has: n, or
 * ⌊n / τ⌋ at a stride. A window of a span is one of a video of its frames at stride 1.
 *
 * @param spec what is wanted of each video
 * @param shares at which of all positions a window starts, or at which of its part a frame lies: in
 *     [0, 1), one per window or frame; none at all for evenly spaced ones
 */
@SuppressWarnings("ArrayRecordComponent") // sent to a decoder, never compared
public record Windows(SamplingSpec spec, double[] shares) implements Serializable {

  /**
   * Starts or frames drawn uniformly. All numbers are drawn here, so that a video that turns out to
   * be shorter than it seemed draws no others.
   */
  public static Windows drawn(SamplingSpec spec, RandomGenerator random) {
    int count = spec.uniform() ? spec.windows() * spec.frames() * spec.span() : spec.windows();
    return new Windows(spec, random.doubles(count).toArray());
  }

  /** Starts evenly spaced from the first position to the last; one window starts in the middle. */
  public static Windows even(SamplingSpec spec) {
    return new Windows(spec, new double[0]);
  }

  /**
   * The windows over a video of {@code length} frames, at least 1.
   *
   * @return frame indices {@code [windows][frames]}, ascending in each window; fewer than a span's
   *     where the video is shorter
   */
  public List<int[]> over(int length) {
    return IntStream.range(0, spec.windows())
        .mapToObj(window -> spec.uniform() ? spread(window, length) : walk(window, length))
        .toList();
  }

  private int[] spread(int window, int length) {
    int[] indices = new int[spec.taken(length)];
    for (int i = 0; i < indices.length; i++) {
      double part =
          shares.length > 0
              ? i + shares[window * spec.frames() * spec.span() + i]
              : i + (double) window / spec.windows();
      indices[i] = (int) (part * length / indices.length);
    }
    return indices;
  }

  private int[] walk(int window, int length) {
    int[] indices = new int[spec.taken(length)];
    int at = (int) start(window, Math.max(1, length - (long) indices.length * spec.stride() + 1));
    for (int i = 0; i < indices.length; i++) {
      indices[i] = at;
      at = at < length - spec.stride() ? at + spec.stride() : at;
    }
    return indices;
  }

  /** Picks one of the possible positions of a window. */
  private long start(int window, long positions) {
    if (shares.length > 0) {
      return (long) (shares[window] * positions);
    }
    int gaps = spec.windows() - 1;
    return gaps == 0 ? (positions - 1) / 2 : (window * (positions - 1) + gaps / 2) / gaps;
  }

  /** The indices of some windows, ascending, each once. */
  static int[] distinct(List<int[]> windows) {
    return windows.stream().flatMapToInt(IntStream::of).sorted().distinct().toArray();
  }
}
