package io.tubelet.report.chart;

import java.util.List;
import java.util.Locale;

/**
 * A chart that is laid out: what is left to do is to write it as SVG, which {@code chart.jte} does.
 *
 * <p>Why not a chart library: the usual ones draw through AWT, which writes fixed colours into the
 * SVG (a page in the dark cannot change them) and needs fonts installed to measure text (a slim
 * container has none). Here colours are the page's CSS variables and text is the reader's font.
 *
 * @param title what is shown
 * @param description the same in words and numbers, for who cannot see the curves
 * @param x the horizontal axis
 * @param y the vertical axis
 * @param marks one per series, in the order of the legend
 */
public record Chart(String title, String description, Axis x, Axis y, List<Mark> marks) {
  /** Units of the SVG's view box; text of 11 units is legible from 300 CSS pixels on. */
  public static final int WIDTH = 360;

  public static final int HEIGHT = 216;

  /** The rectangle of the curves inside the view box. */
  public static final int LEFT = 54;

  public static final int RIGHT = 340;
  public static final int TOP = 10;
  public static final int BOTTOM = 176;

  /** Copies the marks. */
  public Chart {
    marks = List.copyOf(marks);
  }

  /**
   * One series, drawn.
   *
   * @param name as the legend shows it
   * @param path data of an SVG path
   * @param kind how the path is painted
   * @param glyph of {@link Kind#DOTS}, drawn from its centre; else empty
   */
  public record Mark(String name, String path, Kind kind, String glyph) {
    Mark(String name, String path, Kind kind) {
      this(name, path, kind, "");
    }
  }

  /** What a path stands for. */
  public enum Kind {
    /** A curve. */
    LINE,
    /** Bars or a filled curve. */
    AREA,
    /** A glyph a point. */
    DOTS;

    /** The class of the style sheet. */
    public String css() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static String coordinates(double x, double y) {
    return rounded(x) + "," + rounded(y);
  }

  static double rounded(double pixels) {
    return Math.round(pixels * 10) / 10.0;
  }
}
