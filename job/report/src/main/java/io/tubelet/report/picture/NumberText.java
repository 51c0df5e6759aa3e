package io.tubelet.report.picture;

import java.util.Locale;

/** Numbers as the report writes them, the same in every locale. */
public final class NumberText {
  private static final String NONE = "–";

  private NumberText() {}

  /** About four digits: {@code 0.612}, {@code 1,234}, {@code 1.50e-4}; a dash if not finite. */
  public static String of(double value) {
    double size = Math.abs(value);
    if (!Double.isFinite(value)) {
      return NONE;
    }
    if (size < 1e-3) {
      return size == 0 ? "0" : scientific(value, 2);
    }
    return fixed(value, size >= 1000 ? 0 : size >= 100 ? 1 : 3);
  }

  /** A whole number: {@code 1,234}. */
  public static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** A share in [0, 1] as per cent: {@code 83.3 %}; a dash if not finite. */
  public static String percent(double share) {
    return Double.isFinite(share) ? fixed(100 * share, 1) + "\u00a0%" : NONE;
  }

  static String fixed(double value, int decimals) {
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }

  static String scientific(double value, int decimals) {
    return String.format(Locale.ROOT, "%." + decimals + "e", value)
        .replace("e-0", "e-")
        .replace("e+0", "e+");
  }
}
