package io.tubelet.spark.train;

import io.tubelet.spark.files.DurableFile;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.files.Json;
import io.tubelet.train.RoundMetrics;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * {@code events.jsonl}: one line a round. The file is replaced as a whole, so it never ends in half
 * a line and works where nothing can be appended (S3). A run that resumes drops the events behind
 * its checkpoint and writes them again.
 */
public final class EventLog {
  private EventLog() {}

  /** All events at {@code path}; none if there is no such file. */
  public static List<RoundMetrics> read(Configuration hadoop, Path path) {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(path.getFileSystem(hadoop).open(path), StandardCharsets.UTF_8))) {
      return lines.lines().map(line -> Json.parse(line, RoundMetrics.class)).toList();
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw new StateException("cannot read " + path + ": " + e.getMessage(), e);
    }
  }

  /** The highest share of the validation split so far; below 0 if there is none. */
  static double best(List<RoundMetrics> events) {
    return events.stream()
        .map(RoundMetrics::validation)
        .filter(Objects::nonNull)
        .mapToDouble(share -> share)
        .max()
        .orElse(-1);
  }

  /** Writes all events, for us and for TensorBoard. */
  static void write(Configuration hadoop, Path path, List<RoundMetrics> events) throws IOException {
    String lines = events.stream().map(Json::line).collect(Collectors.joining("\n", "", "\n"));
    DurableFile.write(hadoop, path, out -> out.write(lines.getBytes(StandardCharsets.UTF_8)));
    Path board = new Path(path.getParent(), TensorBoard.FILE);
    DurableFile.write(hadoop, board, out -> out.write(TensorBoard.file(events)));
  }
}
