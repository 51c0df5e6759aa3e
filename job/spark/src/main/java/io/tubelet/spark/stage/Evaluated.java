package io.tubelet.spark.stage;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tubelet.evaluate.Accuracy;
import io.tubelet.spark.files.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * {@code evaluation/NAME.json}: accuracies of one model on the test store.
 *
 * @param digest SHA-256 over what decides it: weights, store and views; null in an older file
 * @param checkpoint folder of the model
 * @param classes names, in the classifier's order
 * @param clips views in time per video
 * @param crops views in space per clip
 * @param quarantined test videos that could not be read and are in no denominator
 * @param accuracy over all other test videos
 */
public record Evaluated(
    String digest,
    String checkpoint,
    List<String> classes,
    int clips,
    int crops,
    int quarantined,
    Accuracy accuracy) {

  /** Share in [0, 1] of each class's videos that are classified correctly; of classes with any. */
  @JsonProperty("per_class")
  public Map<String, Double> perClass() {
    Map<String, Double> shares = new LinkedHashMap<>();
    for (int i = 0; i < classes.size(); i++) {
      int[] named = accuracy.confusion()[i];
      int videos = IntStream.of(named).sum();
      if (videos > 0) {
        shares.put(classes.get(i), (double) named[i] / videos);
      }
    }
    return shares;
  }

  /** The file of one model below the run. */
  static String file(String name) {
    return "evaluation/" + name + ".json";
  }

  static Optional<Evaluated> read(Configuration hadoop, Path path) {
    return Json.read(hadoop, path, Evaluated.class);
  }
}
