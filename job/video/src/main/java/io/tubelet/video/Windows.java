package io.tubelet.video;

import io.tubelet.clip.ClipGeometry;
import java.io.Serializable;
import java.util.List;
import java.util.function.DoubleToIntFunction;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
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
 * <p>Around moments, the middle frame of a window (of an even number the later one) is the one that
 * is shown then; the film's first and last frame stand for what would lie before and behind them
 * (AVA's clips, arXiv 2203.12602, appendix).
 *
 * <p>A span has more frames than a window, and at most those that a video of its length has: n, or
 * ⌊n / τ⌋ at a stride. A window of a span is one of a video of its frames at stride 1.
 *
 * @param spec what is wanted of each video
 * @param shares at which of all positions a window starts, or at which of its part a frame lies: in
 *     [0, 1), one per window or frame; none at all for evenly spaced ones
 * @param moments in seconds from the first frame's beginning, one per window, ascending; none at
 *     all where windows lie otherwise
 */
public record Windows(SamplingSpec spec, double[] shares, double[] moments)
    implements Serializable {

  public Windows(SamplingSpec spec, double[] shares) {
    this(spec, shares, new double[0]);
  }

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

  /** As many windows as moments. */
  public static Windows around(SamplingSpec spec, double[] moments) {
    return new Windows(spec, new double[0], moments);
  }

  /**
   * The same over a video of {@code length} frames, where windows may lie around moments.
   *
   * @param shown the frame that is shown at a moment
   */
  List<int[]> over(int length, DoubleToIntFunction shown) {
    return moments.length == 0
        ? over(length)
        : DoubleStream.of(moments)
            .mapToObj(moment -> around(shown.applyAsInt(moment), length))
            .toList();
  }

  private int[] around(int middle, int length) {
    return IntStream.range(0, spec.frames())
        .map(i -> middle + (i - spec.frames() / 2) * spec.stride())
        .map(frame -> Math.max(0, Math.min(frame, length - 1)))
        .toArray();
  }

  /**
   * The windows over a video of {@code length} frames, at least 1: frame indices {@code
   * [windows][frames]}, ascending in each; fewer than a span's where the video is shorter.
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

  /**
   * What is wanted of each video.
   *
   * @param frames of one window
   * @param stride frames of the video from one frame of a window to the next; 4 for Kinetics-400
   *     and UCF101, 2 for Something-Something V2 (arXiv 2203.12602, section 4)
   * @param windows per video
   * @param span most lengths of a window that are taken of the video instead of one, so that
   *     windows can be drawn from them later; as many as it has
   * @param uniform whether a window's frames are spread over the whole video, whatever the stride,
   *     as TSN does (arXiv 1608.00859), instead of lying close together
   * @param shortSide stored length of a frame's short side, in pixels
   */
  public record SamplingSpec(
      int frames, int stride, int windows, int span, boolean uniform, int shortSide)
      implements Serializable {
    /** Long side over short side; a longer side's surplus is cut off at both ends, alike. */
    public static final int MOST_ASPECT = 4;

    /** Frames that lie close together. */
    public SamplingSpec(int frames, int stride, int windows, int shortSide) {
      this(frames, stride, windows, 1, false, shortSide);
    }

    /**
     * @throws IllegalArgumentException if a window could be larger than an array
     */
    public SamplingSpec {
      if (1.0 * shortSide * shortSide * MOST_ASPECT * frames * span * ClipGeometry.CHANNELS
          > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "%d frames, short side %d, at an aspect of up to %d do not fit an array"
                .formatted(frames * span, shortSide, MOST_ASPECT));
      }
    }

    /** Bytes of the largest window there may be, whose long side is rounded. */
    long mostBytes() {
      long longest = (long) shortSide * MOST_ASPECT + 1;
      return longest * shortSide * frames * span * ClipGeometry.CHANNELS;
    }

    /** Frames that are taken for a window of a video of {@code length} frames. */
    int taken(int length) {
      int there = uniform ? length : Math.max(frames, length / stride);
      return span == 1 ? frames : Math.min(frames * span, there);
    }
  }
}
