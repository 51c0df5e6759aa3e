package io.tubelet.spark.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Memory in use on an executor's cards, asked at most once in ten seconds. */
final class DeviceMemory {
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long MEBIBYTE = 1 << 20;

  private final String tool;
  private final List<String> cards;
  private long bytes;
  private long asked;

  /**
   * @param tool {@code nvidia-smi}, or a program that answers alike
   * @param cards their addresses; there may be none
   */
  DeviceMemory(String tool, List<String> cards) {
    this.tool = tool;
    this.cards = cards;
    this.asked = System.nanoTime() - FRESH_NANOS;
  }

  /** The sum over the cards, by whatever process; 0 if the tool does not answer. */
  synchronized long bytes() {
    if (!cards.isEmpty() && System.nanoTime() - asked >= FRESH_NANOS) {
      bytes = ask();
      asked = System.nanoTime();
    }
    return bytes;
  }

  private long ask() {
    List<String> command =
        List.of(
            tool,
            "--query-gpu=memory.used",
            "--format=csv,noheader,nounits",
            "--id=" + String.join(",", cards));
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      try (InputStream output = process.getInputStream()) {
        String text = new String(output.readAllBytes(), StandardCharsets.UTF_8).strip();
        return Arrays.stream(text.split("\\s+", -1)).mapToLong(Long::parseLong).sum() * MEBIBYTE;
      }
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }
}
