package io.tubelet.report.chart;

/**
 * One value of a curve.
 *
 * @param x where, for example the number of a round
 * @param y the value; one that is not finite is not drawn
 */
public record Point(double x, double y) {
  boolean finite() {
    return Double.isFinite(x) && Double.isFinite(y);
  }
}
