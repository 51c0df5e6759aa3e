package io.tubelet.report;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.tubelet.report.chart.Chart;
import io.tubelet.report.chart.ChartFile;
import io.tubelet.report.picture.AttentionStrip;
import io.tubelet.report.picture.Film;
import io.tubelet.report.picture.ReconstructionStrip;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * Writes a {@link RunReport} as one HTML file: styles, charts and pictures inside, no script, no
 * network, in UTF-8.
 *
 * <p>Every text is escaped where it stands by the template engine. The size stays below 5 MB
 * whatever the run was: curves are thinned, long lists are cut and say so, and of pictures as many
 * are shown as each part has room for; the others are counted.
 */
public final class HtmlReport {
  /** A quarantine's rows on the page. */
  public static final int MOST_ROWS = 200;

  /** Classes up to which a confusion matrix is shown as such, and not as its commonest mistakes. */
  public static final int MOST_CLASSES = 32;

  private static final int MOST_REEL_CHARS = 2_200_000;
  private static final int MOST_GLANCE_CHARS = 500_000;

  /** Of one model's mistakes; there are two models. */
  private static final int MOST_MISTAKE_CHARS = 400_000;

  private static final int LONGEST_TEXT = 500;

  /** The package that the build gives to the compiled templates. */
  private static final TemplateEngine TEMPLATES =
      TemplateEngine.createPrecompiled(
          null, ContentType.Html, HtmlReport.class.getClassLoader(), "io.tubelet.report.page");

  private HtmlReport() {}

  /** A mistaken video and its film. */
  public record Mistaken(Evaluation.Example example, Film film) {}

  /** Pictures of what a model mistakes. */
  public static List<Mistaken> mistaken(Evaluation evaluation) {
    return fitting(
        evaluation.examples(),
        example -> new Mistaken(example, Film.of(example.frames())),
        mistaken -> mistaken.film.dataUri().length(),
        MOST_MISTAKE_CHARS);
  }

  /** One clip's films. */
  public record Reel(
      ReconstructionStrip strip, Film original, Film masked, Film reconstructed, Film predicted) {
    private static Reel of(ReconstructionStrip strip) {
      return new Reel(
          strip,
          Film.of(strip.original()),
          Film.of(strip.masked()),
          Film.of(strip.reconstructed()),
          Film.of(strip.predicted()));
    }

    private int chars() {
      return original.dataUri().length()
          + masked.dataUri().length()
          + reconstructed.dataUri().length()
          + predicted.dataUri().length();
    }
  }

  /** One clip's attention and its film. */
  public record Glance(AttentionStrip strip, Film film) {}

  /** What the page's template takes. */
  public record Page(RunReport report, List<Reel> reels, List<Glance> glances) {}

  /** The whole page. */
  public static String render(RunReport report) {
    StringOutput html = new StringOutput();
    List<Reel> reels =
        fitting(
            report.part(Reconstructions.class).map(Reconstructions::strips).orElse(List.of()),
            Reel::of,
            Reel::chars,
            MOST_REEL_CHARS);
    List<Glance> glances =
        fitting(
            report.part(Attention.class).map(Attention::strips).orElse(List.of()),
            strip -> new Glance(strip, Film.of(strip.frames())),
            glance -> glance.film.dataUri().length(),
            MOST_GLANCE_CHARS);
    TEMPLATES.render("report.jte", new Page(report, reels, glances), html);
    return legible(html.toString());
  }

  /** One chart as SVG with the styles it needs, to stand in another page. */
  public static String fragment(Chart chart) {
    StringOutput html = new StringOutput();
    TEMPLATES.render("part/style.jte", (Object) null, html);
    html.writeContent("<div class=\"chart\">");
    TEMPLATES.render("part/chart.jte", chart, html);
    html.writeContent("</div>");
    return legible(html.toString());
  }

  /** One chart as a file. */
  public static String file(Chart chart) {
    StringOutput svg = new StringOutput();
    TEMPLATES.render("part/file.jte", new ChartFile(chart), svg);
    return legible(svg.toString());
  }

  /** The first of some pictures that there is room for. */
  private static <S, T> List<T> fitting(
      List<S> all, Function<S, T> draw, ToIntFunction<T> chars, int room) {
    List<T> drawn = new ArrayList<>();
    int left = room;
    for (S one : all) {
      T next = draw.apply(one);
      left -= chars.applyAsInt(next);
      if (left < 0) {
        break;
      }
      drawn.add(next);
    }
    return drawn;
  }

  /** A text that may be endless, such as a decoder's message, cut to what a table can show. */
  public static String cut(String text) {
    return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + " …";
  }

  /**
   * Spells out characters that file names may hold and a page must not, escaped or not: control
   * characters, halves of surrogate pairs, non-characters, and those that turn the text around.
   */
  private static String legible(String html) {
    StringBuilder shown = new StringBuilder(html.length());
    html.codePoints()
        .forEach(
            c -> {
              if (printable(c)) {
                shown.appendCodePoint(c);
              } else {
                shown.append("\\u{").append(Integer.toHexString(c)).append('}');
              }
            });
    return shown.toString();
  }

  private static boolean printable(int c) {
    boolean control = Character.isISOControl(c) && c != '\n' && c != '\t';
    boolean turning = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    boolean nothing = Character.getType(c) == Character.SURROGATE || (c & 0xFFFE) == 0xFFFE;
    return !control && !turning && !nothing;
  }
}
