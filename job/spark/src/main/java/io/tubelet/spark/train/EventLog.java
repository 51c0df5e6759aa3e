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
import java.util.ArrayList;
import java.util.Collections;
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
  private final Configuration hadoop;
  private final Path path;
  private final List<RoundMetrics> events = new ArrayList<>();

  /** The log at {@code path}, up to but without the round {@code beforeRound}. */
  EventLog(Configuration hadoop, Path path, long beforeRound) {
    this.hadoop = hadoop;
    this.path = path;
    events.addAll(read(hadoop, path));
    events.removeIf(event -> event.round() >= beforeRound);
  }

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

  List<RoundMetrics> events() {
    return Collections.unmodifiableList(events);
  }

  /** Adds a round; durable with the next {@link #flush}. */
  void add(RoundMetrics event) {
    events.add(event);
  }

  /** The highest share of the validation split so far; below 0 if there is none. */
  double best() {
    return events.stream()
        .map(RoundMetrics::validation)
        .filter(Objects::nonNull)
        .mapToDouble(share -> share)
        .max()
        .orElse(-1);
  }

  /** Adds the validation split's share to the last round; durable with {@link #flush}. */
  void validated(double share) {
    int last = events.size() - 1;
    events.set(last, events.get(last).validated(share));
  }

  /** Writes all events, for us and for TensorBoard. */
  void flush() throws IOException {
    String lines = events.stream().map(Json::line).collect(Collectors.joining("\n", "", "\n"));
    DurableFile.write(hadoop, path, out -> out.write(lines.getBytes(StandardCharsets.UTF_8)));
    Path board = new Path(path.getParent(), TensorBoard.FILE);
    DurableFile.write(hadoop, board, out -> out.write(TensorBoard.file(events)));
  }
}
