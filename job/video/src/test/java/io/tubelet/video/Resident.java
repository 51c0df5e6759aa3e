package io.tubelet.video;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory that this process holds, as Linux tells it; elsewhere a test that asks is passed over. */
final class Resident {
  private static final Path STATUS = Path.of("/proc/self/status");

  private Resident() {}

  static long kilobytes() throws IOException {
    assumeThat(STATUS).as("Linux, which tells a process's memory").isRegularFile();
    String line =
        Files.readAllLines(STATUS).stream()
            .filter(text -> text.startsWith("VmRSS:"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(line.replaceAll("[^0-9]", ""));
  }
}
