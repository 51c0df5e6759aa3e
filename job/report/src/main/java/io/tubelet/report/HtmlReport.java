package io.tubelet.report;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.tubelet.report.picture.Chart;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes a {@link RunReport} as one HTML file: styles, charts and pictures inside, no script, no
 * network, in UTF-8.
 *
 * <p>Every text is escaped in its place by the template engine. The size stays below 5 MB whatever
 * the run was: curves are thinned, long lists are cut and say so, and of pictures as many are shown
 * as each part has room for; the others are counted.
 */
public final class HtmlReport {
  /** A quarantine's rows on the page. */
  public static final int MOST_ROWS = 200;

  /** Classes up to which a confusion matrix is shown as such, and not as its commonest mistakes. */
  public static final int MOST_CLASSES = 32;

  private static final int LONGEST_TEXT = 500;

  /** Control characters, halves of pairs, non-characters, and those that turn the text around. */
  private static final Pattern ILLEGIBLE =
      Pattern.compile(
          "[\\p{Cc}\\p{Cs}\\p{IsNoncharacter_Code_Point}\\u202A-\\u202E\\u2066-\\u2069&&[^\\n"
              + "\\t]]");

  /** The package that the build gives to the compiled templates. */
  private static final TemplateEngine TEMPLATES =
      TemplateEngine.createPrecompiled(
          null, ContentType.Html, HtmlReport.class.getClassLoader(), "io.tubelet.report.page");

  private HtmlReport() {}

  public static String render(RunReport report) {
    return render("report.jte", report);
  }

  private static String render(String template, Object of) {
    StringOutput text = new StringOutput();
    TEMPLATES.render(template, of, text);
    return legible(text.toString());
  }

  /** One chart as a file: the legend is below the curves, and colours are fixed. */
  public static String file(Chart chart) {
    return render("file.jte", chart);
  }

  /** A text that may be endless, such as a decoder's message, cut to what a table can show. */
  public static String cut(String text) {
    return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + " …";
  }

  /** Spells out what file names may hold and a page must not, escaped or not. */
  private static String legible(String html) {
    return ILLEGIBLE
        .matcher(html)
        .replaceAll(
            found -> Matcher.quoteReplacement("\\u{%x}".formatted(found.group().codePointAt(0))));
  }
}
