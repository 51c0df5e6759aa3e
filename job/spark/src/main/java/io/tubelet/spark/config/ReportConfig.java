package io.tubelet.spark.config;

import java.io.Serializable;
import java.util.List;

/**
 * What the report shows beside curves and tables, and where rounds are shown besides.
 *
 * @param compare folders of other runs to stand beside this one
 * @param mapClips clips of the map of features; 0: no map
 * @param mistakes mistaken videos of each model that are shown
 * @param mlflow a server that follows trainings
 */
public record ReportConfig(List<String> compare, int mapClips, int mistakes, Mlflow mlflow)
    implements Serializable {

  /**
   * An MLflow tracking server.
   *
   * @param uri its address; empty: none
   * @param experiment which of its experiments
   */
  public record Mlflow(String uri, String experiment) implements Serializable {}

  static ReportConfig read(Section report) {
    return new ReportConfig(
        report.texts("compare"),
        report.integer("map-clips", "[0, 2000]"),
        report.integer("mistakes", "[0, 50]"),
        mlflow(report.section("mlflow")));
  }

  private static Mlflow mlflow(Section mlflow) {
    String uri = mlflow.text("uri");
    String experiment = mlflow.text("experiment");
    mlflow.require(
        uri == null || uri.isEmpty() || uri.matches("https?://.+"),
        "a tracking server is http://HOST:PORT or https://HOST, not " + uri,
        "uri");
    return new Mlflow(uri, experiment);
  }
}
