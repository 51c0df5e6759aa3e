package io.tubelet.report.picture;

import java.util.ArrayList;
import java.util.List;

/**
 * One axis: a linear scale and its ticks at round numbers (1, 2 or 5 times a power of ten).
 *
 * @param high value at {@code to}; greater than {@code low}
 * @param step distance of ticks, in values
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
    return new Axis(title, low, end, whole ? Math.max(1, step) : step, Chart.LEFT, Chart.RIGHT);
  }

  /** The vertical axis: grows to the next ticks, so that both ends have a number. */
  static Axis vertical(String title, double low, double high) {
    double margin = high > low ? 0 : Math.max(Math.abs(low) / 10, 1e-9);
    double step = niceStep((high - low + 2 * margin) / 4);
    double floor = Math.floor((low - margin) / step + 1e-9) * step;
    double ceiling = Math.ceil((high + margin) / step - 1e-9) * step;
    return new Axis(title, floor, ceiling, step, Chart.BOTTOM, Chart.TOP);
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
      ticks.add(new Tick(Chart.rounded(at(i * step)), label(i * step)));
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
