package io.tubelet.evaluation;

import java.io.Serializable;
import java.util.List;

/**
 * How many videos were correctly classified.
 *
 * @param videos videos that were evaluated: the denominator
 * @param top1 videos whose most probable class is the true one
 * @param topK videos whose true class is among the {@code k} most probable
 * @param k that number
 * @param confusion {@code [true class][predicted class]} counts of videos
 * @param interval of {@link #top1Share}, by the bootstrap over videos
 * @param mistakes a video each of the commonest pairs of true and predicted class
 */
public record Accuracy(
    int videos,
    int top1,
    int topK,
    int k,
    int[][] confusion,
    Interval interval,
    List<Mistake> mistakes)
    implements Serializable {

  /**
   * A misclassified video.
   *
   * @param video its name
   * @param truth index of its class
   * @param prediction index of the class it got
   */
  public record Mistake(String video, int truth, int prediction) implements Serializable {}

  /** Copies the list; a file of an older run has neither it nor the interval. */
  public Accuracy {
    interval = interval == null ? Interval.bootstrap(top1, videos) : interval;
    mistakes = mistakes == null ? List.of() : List.copyOf(mistakes);
  }

  /** Share of videos in [0, 1] that were correctly classified; 0 for no videos. */
  public double top1Share() {
    return videos == 0 ? 0 : (double) top1 / videos;
  }

  /** Share of videos in [0, 1] whose class is among the {@code k} most probable. */
  public double topKShare() {
    return videos == 0 ? 0 : (double) topK / videos;
  }
}
