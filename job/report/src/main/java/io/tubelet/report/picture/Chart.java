package io.tubelet.report.picture;

import static java.util.Comparator.comparingDouble;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toList;

import io.tubelet.train.RoundMetrics;
import java.util.ArrayList;
import java.util.Collections;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * A chart that is laid out; {@code plot.jte} writes it as SVG.
 *
 * <p>Why not a chart library: the usual ones draw through AWT, which writes fixed colours into the
 * SVG (a page in the dark cannot change them) and needs fonts installed to measure text (a slim
 * container has none). Here colours are the page's CSS variables and text is the reader's font.
 *
 * @param description the same in words and numbers, for who cannot see the curves
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

  /** One series, drawn as data of an SVG path. */
  public record Mark(String name, String path) {}

  /** One value of a curve; one that is not finite is not drawn. */
  public record Point(double x, double y) {
    private boolean finite() {
      return Double.isFinite(x) && Double.isFinite(y);
    }
  }

  /** A named curve; its points are in any order. */
  public record Series(String name, List<Point> points) {

    public static Series of(
        String name,
        List<RoundMetrics> rounds,
        ToDoubleFunction<RoundMetrics> x,
        ToDoubleFunction<RoundMetrics> y) {
      return new Series(
          name,
          rounds.stream().map(r -> new Point(x.applyAsDouble(r), y.applyAsDouble(r))).toList());
    }

    /** A training's loss over its epochs. */
    public static Series lossOverEpochs(String name, List<RoundMetrics> rounds) {
      return overEpochs(name, rounds, RoundMetrics::loss);
    }

    /** A figure of a training over its epochs. */
    public static Series overEpochs(
        String name, List<RoundMetrics> rounds, ToDoubleFunction<RoundMetrics> y) {
      if (rounds.isEmpty()) {
        return new Series(name, List.of());
      }
      RoundMetrics last = rounds.get(rounds.size() - 1);
      double stepsPerEpoch = last.step() / (last.epoch() + 1.0);
      return of(name, rounds, round -> round.step() / stepsPerEpoch, y);
    }

    /** The points that can be drawn, from left to right. */
    List<Point> drawable() {
      return points.stream().filter(Point::finite).sorted(comparingDouble(Point::x)).toList();
    }

    /**
     * Fewer points, same picture: of all points (finite, from left to right) that fall into one
     * column of pixels only the lowest and the highest are kept, so that no spike disappears.
     */
    static List<Point> thinned(List<Point> points, int columns) {
      if (points.size() <= 2 * columns) {
        return points;
      }
      double left = points.get(0).x();
      double width = points.get(points.size() - 1).x() - left;
      Map<Double, List<Point>> byColumn =
          points.stream()
              .collect(
                  groupingBy(
                      point ->
                          Math.min(columns - 1, Math.floor((point.x() - left) / width * columns)),
                      TreeMap::new,
                      toList()));
      return byColumn.values().stream().flatMap(Series::extremes).toList();
    }

    /** The lowest and the highest point, in their order; one, if all are as high. */
    private static Stream<Point> extremes(List<Point> column) {
      Point lowest = Collections.min(column, comparingDouble(Point::y));
      Point highest = Collections.max(column, comparingDouble(Point::y));
      return Stream.of(lowest, highest).distinct().sorted(comparingDouble(Point::x));
    }
  }

  /** Curves over a common axis, from zero if wanted; one without points stays in the legend. */
  public static Chart lines(
      String title, String x, String y, boolean fromZero, List<Series> series) {
    List<Point> all = series.stream().flatMap(one -> one.drawable().stream()).toList();
    boolean whole = all.stream().allMatch(point -> point.x() == Math.rint(point.x()));
    double[] xs = range(all, Point::x);
    double[] ys = range(all, Point::y);
    Axis across = Axis.horizontal(x, xs[0], xs[1], whole);
    Axis up = Axis.vertical(y, fromZero ? Math.min(0, ys[0]) : ys[0], ys[1]);
    List<Mark> marks =
        series.stream().map(one -> new Mark(one.name(), line(one.drawable(), across, up))).toList();
    String description =
        series.stream()
            .map(one -> (series.size() > 1 ? one.name() + ": " : "") + describe(one))
            .collect(joining("; "));
    return new Chart(title, description, across, up, marks);
  }

  /** Least and greatest; 0 and 1 of no points. */
  private static double[] range(List<Point> points, ToDoubleFunction<Point> of) {
    DoubleSummaryStatistics all = points.stream().mapToDouble(of).summaryStatistics();
    return points.isEmpty() ? new double[] {0, 1} : new double[] {all.getMin(), all.getMax()};
  }

  private static String line(List<Point> points, Axis x, Axis y) {
    List<String> places =
        Series.thinned(points, RIGHT - LEFT).stream().map(point -> place(point, x, y)).toList();
    return switch (places.size()) {
      case 0 -> "";
      case 1 -> "M" + places.get(0) + "m-3,0a3,3 0 1,0 6,0a3,3 0 1,0 -6,0"; // a ring: no line yet
      default -> "M" + String.join("L", places);
    };
  }

  private static String place(Point point, Axis x, Axis y) {
    return rounded(x.at(point.x())) + "," + rounded(y.at(point.y()));
  }

  private static String describe(Series series) {
    List<Point> points = series.drawable();
    int left = series.points().size() - points.size();
    String undrawn = left == 0 ? "" : ", " + left + " not finite and not drawn";
    if (points.isEmpty()) {
      return "no values" + undrawn;
    }
    double[] range = range(points, Point::y);
    return "first %s, last %s, between %s and %s%s"
        .formatted(
            NumberText.of(points.get(0).y()),
            NumberText.of(points.get(points.size() - 1).y()),
            NumberText.of(range[0]),
            NumberText.of(range[1]),
            undrawn);
  }

  private static double rounded(double pixels) {
    return Math.round(pixels * 10) / 10.0;
  }

  /**
   * One axis: a linear scale from {@code low} to {@code high} over the pixels {@code from} to
   * {@code to}, and its ticks at round numbers (1, 2 or 5 times a power of ten).
   */
  public record Axis(String title, double low, double high, double step, int from, int to) {
    /** A tick and its position, in pixels. */
    public record Tick(double at, String label) {}

    /** Labels of plain numbers between these fit next to the axis. */
    private static final double SMALLEST_PLAIN = 1e-2;

    private static final double LARGEST_PLAIN = 10_000;

    /** The horizontal axis: spans exactly the values, and has no half rounds. */
    static Axis horizontal(String title, double low, double high, boolean whole) {
      double end = high > low ? high : low + 1;
      double step = niceStep((end - low) / 5);
      return new Axis(title, low, end, whole ? Math.max(1, step) : step, LEFT, RIGHT);
    }

    /** The vertical axis: grows to the next ticks, so that both ends have a number. */
    static Axis vertical(String title, double low, double high) {
      double margin = high > low ? 0 : Math.max(Math.abs(low) / 10, 1e-9);
      double step = niceStep((high - low + 2 * margin) / 4);
      double floor = Math.floor((low - margin) / step + 1e-9) * step;
      double ceiling = Math.ceil((high + margin) / step - 1e-9) * step;
      return new Axis(title, floor, ceiling, step, BOTTOM, TOP);
    }

    private static double niceStep(double wanted) {
      double power = Math.pow(10, Math.floor(Math.log10(wanted)));
      double digit = wanted / power;
      return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
    }

    double at(double value) {
      return from + (value - low) / (high - low) * (to - from);
    }

    public List<Tick> ticks() {
      List<Tick> ticks = new ArrayList<>();
      long last = (long) Math.floor(high / step + 1e-6);
      for (long i = (long) Math.ceil(low / step - 1e-6); i <= last; i++) {
        ticks.add(new Tick(rounded(at(i * step)), label(i * step)));
      }
      return ticks;
    }

    private String label(double value) {
      double largest = Math.max(Math.abs(low), Math.abs(high));
      if (value == 0 && (largest < SMALLEST_PLAIN || largest >= LARGEST_PLAIN)) {
        return "0";
      }
      if (largest < SMALLEST_PLAIN) {
        return NumberText.scientific(value, 1);
      }
      return largest < LARGEST_PLAIN
          ? NumberText.fixed(value, decimals(step))
          : NumberText.fixed(value / 1000, decimals(step / 1000)) + "k";
    }

    /** Decimals that tell one tick from the next. */
    private static int decimals(double step) {
      return (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    }
  }
}
