package io.tubelet.spark.stage;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tubelet.spark.store.Json;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What a checkpoint's {@code preprocessor_config.json} says of pixels in [0, 1].
 *
 * @param mean of each channel; empty if unknown
 * @param deviation of each channel; empty if unknown
 */
record PixelStatistics(
    @JsonProperty("image_mean") List<Double> mean,
    @JsonProperty("image_std") List<Double> deviation) {

  /** What a checkpoint without the file says. */
  static final PixelStatistics UNKNOWN = new PixelStatistics(List.of(), List.of());

  PixelStatistics {
    mean = mean == null ? List.of() : List.copyOf(mean);
    deviation = deviation == null ? List.of() : List.copyOf(deviation);
  }

  static PixelStatistics of(Configuration hadoop, Path checkpoint) {
    Path file = new Path(checkpoint, "preprocessor_config.json");
    return Json.read(hadoop, file, PixelStatistics.class).orElse(UNKNOWN);
  }
}
