package io.tubelet.spark.evaluate;

import io.tubelet.clip.Frames;
import io.tubelet.evaluate.MultiView;
import io.tubelet.spark.data.ClipDecoder;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.Corpus;
import io.tubelet.spark.data.Corpus.SourceVideo;
import io.tubelet.spark.data.Labels;
import io.tubelet.video.Decoded;
import io.tubelet.video.Windows;
import io.tubelet.video.Windows.SamplingSpec;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;

/**
 * Classifies videos that no store holds: the middle of each, or of a longer one windows at equal
 * distances. A row a class of a window, the most probable first; a video that gives no window, or
 * not all, has a row with the reason.
 *
 * <pre>
 * path         text      the video's, relative to its corpus
 * start, end   double    of the window, in seconds at the video's mean rate; empty with a reason
 * rank         int       1 for the most probable class
 * class        text
 * probability  float     mean over the window's crops
 * reason       text      why there is no window; else empty
 * </pre>
 *
 * @param decoder of the window in the middle
 * @param classifier with the crops of a window, how many are classified at once, and the classes,
 *     of whom {@link Labels#top} are told
 * @param everySeconds from the start of a window to the next
 */
public record PredictJob(ClipDecoder decoder, ClassifyJob classifier, double everySeconds)
    implements Serializable {
  public static final String TABLE = "predictions.csv";

  private static final String ROW =
      "message prediction { required binary path (STRING); optional double start;"
          + " optional double end; optional int32 rank; optional binary class (STRING);"
          + " optional float probability; optional binary reason (STRING); }";

  /** A part ends after this many videos or bytes, so that long ones are shared out too. */
  private static final int MOST_VIDEOS = 32;

  private static final long MOST_BYTES = 1L << 28;

  /** Bytes of windows that are decoded at once. */
  private static final int MOST_PIXELS = 1 << 27;

  private record Window(String path, double start, double end, ClipRow clip, Frames frames) {}

  /**
   * Writes {@code part-N-DIGEST.parquet} for some videos each, where it is missing, and returns how
   * many. What is in them depends on the videos and the settings alone, not on the cluster.
   */
  public int write(Inference network, Corpus corpus, Path folder) throws IOException {
    String decides =
        network.weights().layout().model() + network.weights().digest() + classifier + everySeconds;
    Map<String, List<SourceVideo>> parts = new LinkedHashMap<>();
    for (List<SourceVideo> part : deal(corpus)) {
      String digest = DigestUtils.sha256Hex(decides + decoder.recipe().digest(part));
      parts.put("part-%05d-%.12s.parquet".formatted(parts.size(), digest), part);
    }
    return new ParquetParts<>(parts, TABLE, ROW, "videos", List::size)
        .write(network, folder, this::write);
  }

  /** What a list refused comes along as videos without a path, whose label is the reason. */
  private static List<List<SourceVideo>> deal(Corpus corpus) {
    Stream<SourceVideo> refused =
        corpus.refused().stream()
            .map(no -> new SourceVideo("", no.source(), no.reason() + ": " + no.detail()));
    List<List<SourceVideo>> parts = new ArrayList<>();
    long bytes = MOST_BYTES;
    for (SourceVideo video : Stream.concat(corpus.videos().stream(), refused).toList()) {
      if (bytes >= MOST_BYTES || parts.get(parts.size() - 1).size() == MOST_VIDEOS) {
        parts.add(new ArrayList<>());
        bytes = 0;
      }
      parts.get(parts.size() - 1).add(video);
      bytes += video.bytes();
    }
    return parts;
  }

  private void write(Inference.Task task, List<SourceVideo> part, ParquetParts.Rows rows)
      throws IOException {
    List<Window> windows = new ArrayList<>();
    for (SourceVideo video : part) {
      look(task, video, windows, rows);
      task.done().add(1);
    }
    classify(task, windows, rows);
  }

  private static Consumer<Group> refused(SourceVideo video, String reason) {
    return row -> row.append("path", video.id()).append("reason", reason);
  }

  /** Decodes a video; its windows are classified once there are enough of them. */
  private void look(
      Inference.Task task, SourceVideo video, List<Window> windows, ParquetParts.Rows rows)
      throws IOException {
    if (video.path().isEmpty()) {
      rows.add(refused(video, video.label()));
      return;
    }
    Windows middle = decoder.recipe().stored(video.id());
    Decoded first = decoder.decode(task.hadoop(), video.id(), video.path(), middle);
    for (Windows some :
        first instanceof Decoded.Clips clips ? wanted(middle, clips) : List.of(middle)) {
      Decoded decoded =
          some.equals(middle)
              ? first
              : decoder.decode(task.hadoop(), video.id(), video.path(), some);
      if (decoded instanceof Decoded.Refused no) {
        rows.add(refused(video, no.reason() + ": " + no.detail()));
        return;
      }
      add(video, some, (Decoded.Clips) decoded, windows);
      if (windows.size() >= classifier.protocol().batch()) {
        classify(task, windows, rows);
      }
    }
  }

  /** The middle one, or those at equal distances from the first frame on, as memory holds them. */
  private List<Windows> wanted(Windows middle, Decoded.Clips clips) {
    SamplingSpec spec = middle.spec();
    double step = Math.max(1, Math.rint(everySeconds * clips.info().framesPerSecond()));
    int positions = clips.info().frames() - spec.frames() * spec.stride() + 1;
    boolean one = spec.uniform() || clips.info().framesPerSecond() == 0 || positions <= step;
    if (one) {
      return List.of(middle);
    }
    int count = 1 + (int) ((positions - 1) / step);
    int most = Math.max(1, MOST_PIXELS / clips.windows().get(0).bytes().length);
    List<Windows> wanted = new ArrayList<>();
    for (int from = 0; from < count; from += most) {
      double[] shares =
          IntStream.range(from, Math.min(from + most, count))
              .mapToDouble(i -> (i * step + 0.5) / positions) // half a frame against rounding
              .toArray();
      wanted.add(
          new Windows(
              new SamplingSpec(spec.frames(), spec.stride(), shares.length, spec.shortSide()),
              shares));
    }
    return wanted;
  }

  private static void add(
      SourceVideo video, Windows some, Decoded.Clips decoded, List<Window> windows) {
    Decoded.VideoInfo info = decoded.info();
    double rate = info.framesPerSecond() == 0 ? Double.POSITIVE_INFINITY : info.framesPerSecond();
    List<int[]> taken = some.over(info.frames());
    for (int i = 0; i < taken.size(); i++) {
      int[] at = taken.get(i);
      Frames frames = decoded.windows().get(i);
      String id = video.id() + "#" + at[0];
      ClipRow clip = new ClipRow(id, id, "", null, null, ""); // of no store
      double end = (at[at.length - 1] + 1) / rate;
      windows.add(new Window(video.id(), at[0] / rate, end, clip, frames));
    }
  }

  private void classify(Inference.Task task, List<Window> windows, ParquetParts.Rows rows)
      throws IOException {
    Map<ClipRow, Frames> frames = new LinkedHashMap<>();
    windows.forEach(window -> frames.put(window.clip, window.frames));
    MultiView votes = classifier.votes(task.showing(frames), List.copyOf(frames.keySet()));
    for (Window window : windows) {
      double[] probabilities = votes.probabilities(window.clip.id());
      List<Integer> order = MultiView.ranked(probabilities);
      for (int i = 0; i < classifier.labels().top(); i++) {
        int rank = i + 1;
        int named = order.get(i);
        rows.add(
            row ->
                row.append("path", window.path)
                    .append("start", window.start)
                    .append("end", window.end)
                    .append("rank", rank)
                    .append("class", classifier.labels().names().get(named))
                    .append("probability", (float) probabilities[named]));
      }
    }
    windows.clear();
  }
}
