package io.tubelet.spark.config;

import java.io.Serializable;
import java.util.List;

/**
 * What the report shows beside curves and tables.
 *
 * @param compare folders of other runs to stand beside this one
 * @param mapClips clips of the map of features; 0: no map
 * @param mistakes mistaken videos of each model that are shown
 */
public record ReportConfig(List<String> compare, int mapClips, int mistakes)
    implements Serializable {

  static ReportConfig read(Section report) {
    return new ReportConfig(
        report.texts("compare"),
        report.integer("map-clips", "[0, 2000]"),
        report.integer("mistakes", "[0, 50]"));
  }
}
