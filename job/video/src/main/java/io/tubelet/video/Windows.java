package io.tubelet.video;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Which frames of a video a window takes, in order of presentation.
 *
 * <p>A window of {@code frames} frames at stride τ spans {@code frames · τ}; of a video of n frames
 * it starts at one of max(1, n − frames · τ + 1) positions. From there it goes on by τ, and stays
 * where it is once the next step would pass the end: a short video repeats its last reachable frame
 * (arXiv 2203.12602, appendix).
 */
final class Windows {
  private final SamplingSpec spec;
  private final Start start;

  private Windows(SamplingSpec spec, Start start) {
    this.spec = spec;
    this.start = start;
  }

  /** Picks one of so many positions for a window. */
  private interface Start {
    long of(int window, long positions);
  }

  /**
   * Starts drawn uniformly. All numbers are drawn here, one per window, so that a video that turns
   * out to be shorter than it seemed draws no others.
   */
  static Windows drawn(SamplingSpec spec, RandomGenerator random) {
    double[] share = random.doubles(spec.windows()).toArray();
    return new Windows(spec, (window, positions) -> (long) (share[window] * positions));
  }

  /** Starts evenly spaced from the first position to the last; one window starts in the middle. */
  static Windows even(SamplingSpec spec) {
    int gaps = spec.windows() - 1;
    return new Windows(
        spec,
        (window, positions) ->
            gaps == 0 ? (positions - 1) / 2 : (window * (positions - 1) + gaps / 2) / gaps);
  }

  /**
   * The windows over a video of {@code length} frames, at least 1.
   *
   * @return frame indices {@code [windows][frames]}, ascending in each window
   */
  List<int[]> over(int length) {
    long positions = Math.max(1, length - (long) spec.frames() * spec.stride() + 1);
    List<int[]> windows = new ArrayList<>(spec.windows());
    for (int window = 0; window < spec.windows(); window++) {
      windows.add(walk((int) start.of(window, positions), length));
    }
    return windows;
  }

  private int[] walk(int start, int length) {
    int[] indices = new int[spec.frames()];
    int at = start;
    for (int i = 0; i < indices.length; i++) {
      indices[i] = at;
      at = at < length - spec.stride() ? at + spec.stride() : at;
    }
    return indices;
  }

  /** The indices of some windows, ascending, each once. */
  static int[] distinct(List<int[]> windows) {
    return windows.stream().flatMapToInt(IntStream::of).sorted().distinct().toArray();
  }
}
