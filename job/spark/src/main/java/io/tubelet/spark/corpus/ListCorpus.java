package io.tubelet.spark.corpus;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The text lists of VideoMAE and VideoMAE V2, one line a video, fields parted by one space. Unlike
 * there, a path may hold spaces (the fields after it are whole numbers) and a label may be missing.
 */
final class ListCorpus {
  /** {@code path label}. */
  private static final Pattern VIDEO = Pattern.compile("(?<path>.+) (?<label>-?\\d+)");

  /** {@code path frames label} or {@code path start frames label}; the path is a folder. */
  private static final Pattern FRAMES =
      Pattern.compile("(?<path>.+?)(?: (?<start>\\d+))? (?<frames>\\d+) (?<label>-?\\d+)");

  private ListCorpus() {}

  static Listed videos(FileSystem files, Path list, String root) throws IOException {
    Listed listed = new Listed(new ArrayList<>(), new ArrayList<>());
    for (Line line : lines(files, list)) {
      Matcher fields = VIDEO.matcher(line.text);
      boolean labelled = fields.matches();
      String path = labelled ? fields.group("path") : line.text;
      listed
          .videos()
          .add(SourceVideo.listed(base(list, root), path, labelled ? fields.group("label") : ""));
    }
    return listed;
  }

  static Listed frames(FileSystem files, Path list, String root) throws IOException {
    Listed listed = new Listed(new ArrayList<>(), new ArrayList<>());
    for (Line line : lines(files, list)) {
      Matcher fields = FRAMES.matcher(line.text);
      if (!fields.matches()) {
        String detail = "expected 'path frames label' or 'path start frames label': " + line.text;
        listed.refused().add(Listed.badRow(line.where, detail));
      } else if (fields.group("start") != null && Long.parseLong(fields.group("start")) > 1) {
        String detail =
            "starts at frame %s; only whole folders are read".formatted(fields.group("start"));
        listed.refused().add(Listed.badRow(line.where, detail));
      } else {
        listed
            .videos()
            .add(SourceVideo.listed(base(list, root), fields.group("path"), fields.group("label")));
      }
    }
    return listed;
  }

  /** Whether a file's first line reads {@code path label}. */
  static boolean looksLikeOne(FileSystem files, Path file) throws IOException {
    try (BufferedReader text = open(files, file)) {
      String first = text.readLine();
      return first != null && !first.contains(",") && VIDEO.matcher(first).matches();
    }
  }

  private static Path base(Path list, String root) {
    return root.isEmpty() ? list.getParent() : new Path(root);
  }

  private record Line(String where, String text) {}

  private static List<Line> lines(FileSystem files, Path list) throws IOException {
    List<Line> lines = new ArrayList<>();
    try (BufferedReader text = open(files, list)) {
      int number = 0;
      for (String line = text.readLine(); line != null; line = text.readLine()) {
        number++;
        if (!line.isBlank()) {
          lines.add(new Line(list.getName() + ":" + number, line.strip()));
        }
      }
    }
    return lines;
  }

  private static BufferedReader open(FileSystem files, Path file) throws IOException {
    return new BufferedReader(new InputStreamReader(files.open(file), StandardCharsets.UTF_8));
  }
}
