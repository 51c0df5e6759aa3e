package io.tubelet.spark.config;

import io.tubelet.clip.FrameOrder;
import java.io.Serializable;
import java.util.List;

/**
 * Test views and pictures.
 *
 * @param clips views of a video in time
 * @param crops views of a clip in space, along its longer side
 * @param batch views classified at once
 * @param top k of the top-k accuracy that stands beside top-1
 * @param controls frame orders that are judged too
 * @param reconstruction which clips are shown
 */
public record EvaluationConfig(
    int clips,
    int crops,
    int batch,
    int top,
    List<FrameOrder> controls,
    Reconstruction reconstruction)
    implements Serializable {

  /**
   * Clips to show as original, masked, reconstructed, attended to.
   *
   * @param clips how many
   * @param seed chooses the clips and their masks
   */
  public record Reconstruction(int clips, long seed) implements Serializable {}

  static EvaluationConfig read(Section root) {
    Section evaluate = root.section("evaluate");
    Section reconstruct = root.section("reconstruct");
    int clips = evaluate.integer("clips", DataConfig.Corpus.CLIPS);
    int stored = root.integer("data.test.clips", DataConfig.Corpus.CLIPS);
    root.require(
        clips <= stored,
        "%d clips are asked of each test video, data.test.clips stores %d".formatted(clips, stored),
        "evaluate.clips",
        "data.test.clips");
    return new EvaluationConfig(
        clips,
        evaluate.integer("crops", "[1, 10]"),
        evaluate.integer("batch", "[1, 65536]"),
        evaluate.integer("top", "[1, 1000]"),
        evaluate.choices("controls", FrameOrder.class),
        new Reconstruction(reconstruct.integer("clips", "[1, 1000]"), reconstruct.seed("seed")));
  }
}
