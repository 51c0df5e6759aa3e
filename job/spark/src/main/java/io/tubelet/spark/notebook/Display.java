package io.tubelet.spark.notebook;

import static java.util.stream.Collectors.joining;

import io.tubelet.report.HtmlReport;
import io.tubelet.report.picture.Chart;
import io.tubelet.report.picture.Film;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.text.StringEscapeUtils;

/** Texts for Zeppelin's display: {@code %table} with tabs between cells, or {@code %html}. */
final class Display {
  private static final String FIGURE =
      "<figure style=\"margin:0.5em 0\"><figcaption>%s</figcaption><img style=\"max-width:100%%\""
          + "%s alt=\"%s\" src=\"data:image/%s;base64,%s\"/></figure>";

  private Display() {}

  static String table(List<String> head, Stream<? extends List<?>> rows) {
    return Stream.concat(Stream.of(head), rows)
        .map(row -> row.stream().map(Display::cell).collect(joining("\t")))
        .collect(joining("\n", "%table ", "\n"));
  }

  /** A cell must not end its cell or its row, nor begin another display. */
  private static String cell(Object value) {
    String text = String.valueOf(value).replaceAll("[\\t\\r\\n]+", " ");
    return text.startsWith("%") ? " " + text : text;
  }

  /** As images, whose styles cannot reach the page. */
  static String charts(List<Chart> charts) {
    return html(
        charts.stream()
            .map(
                chart ->
                    figure(
                        chart.title(),
                        "svg+xml",
                        HtmlReport.file(chart).getBytes(StandardCharsets.UTF_8),
                        0))
            .collect(joining()));
  }

  static String html(String markup) {
    return "%html " + markup.replaceAll("\\n+", " ") + "\n";
  }

  static String pictures(List<String> captions, List<Film> films) {
    return html(
        IntStream.range(0, films.size())
            .mapToObj(
                i -> figure(captions.get(i), "png", films.get(i).png(), films.get(i).shownWidth()))
            .collect(joining()));
  }

  /** An image, shown at a width in pixels; 0: its own. */
  static String figure(String caption, String type, byte[] image, int width) {
    String data = Base64.getEncoder().encodeToString(image);
    String name = StringEscapeUtils.escapeHtml4(caption);
    String size = width > 0 ? " width=\"" + width + "\"" : "";
    return FIGURE.formatted(name, size, name, type, data);
  }
}
