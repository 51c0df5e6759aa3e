package io.tubelet.spark;

import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;

/** The folder of awkward videos that {@code -Dtubelet.awkward=DIR} names. */
public final class AwkwardFiles {
  private AwkwardFiles() {}

  /** The folder; without one the test is skipped and says why. */
  public static Path folder() {
    Path folder = Path.of(System.getProperty("tubelet.awkward", "absent"));
    if (!Files.isDirectory(folder)) {
      String reason = "skipped: no folder " + folder + " (set -Dtubelet.awkward=DIR)";
      System.out.println(reason);
      abort(reason);
    }
    return folder;
  }
}
