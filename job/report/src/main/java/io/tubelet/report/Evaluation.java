package io.tubelet.report;

import io.tubelet.clip.Frames;
import io.tubelet.evaluation.Interval;
import java.util.List;

/**
 * How well a model classifies held-out videos. Every video that could be read counts once; one that
 * could not is quarantined and never replaced by another.
 *
 * @param protocol views of a video that vote, in words: "5 clips × 3 crops per video"
 * @param confusion truth against prediction, per video
 * @param topCorrect videos whose class is among the {@code k} best
 * @param k of the top-k accuracy
 * @param quarantined videos that could not be read, not in the denominator
 * @param examples some of the commonest mistakes, as pictures
 */
public record Evaluation(
    String protocol,
    ConfusionMatrix confusion,
    long topCorrect,
    int k,
    long quarantined,
    List<Example> examples) {

  /**
   * A video that the model mistakes.
   *
   * @param video its name
   * @param truth its class
   * @param prediction the class it got
   * @param frames of one of its clips
   */
  public record Example(String video, String truth, String prediction, Frames frames) {}

  /**
   * @throws IllegalArgumentException if the top k hold less than the best, or more than all
   */
  public Evaluation {
    examples = List.copyOf(examples);
    if (topCorrect < confusion.correct() || topCorrect > confusion.total()) {
      throw new IllegalArgumentException(
          "%d right among the %d best, but %d right at once of %d videos"
              .formatted(topCorrect, k, confusion.correct(), confusion.total()));
    }
  }

  /** The denominator: videos that were read and classified. */
  public long evaluated() {
    return confusion.total();
  }

  /** Videos that the list asks for, quarantined ones included. */
  public long asked() {
    return evaluated() + quarantined;
  }

  /** Share in [0, 1] of videos whose best class is right; NaN without videos. */
  public double topOne() {
    return confusion.correct() / (double) evaluated();
  }

  /** Share in [0, 1] of videos whose class is among the {@code k} best; NaN without videos. */
  public double topK() {
    return topCorrect / (double) evaluated();
  }

  /** The 95 % interval of {@link #topOne}, by the bootstrap over videos. */
  public Interval topOneInterval() {
    return Interval.bootstrap(Math.toIntExact(confusion.correct()), Math.toIntExact(evaluated()));
  }
}
