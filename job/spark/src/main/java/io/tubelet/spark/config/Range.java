package io.tubelet.spark.config;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An interval of numbers in the notation of mathematics: {@code [0, 1)} has 0 and has not 1.
 *
 * @param text the notation, as messages and {@code reference.conf} show it
 */
record Range(String text, BigDecimal low, BigDecimal high) {
  private static final Pattern NOTATION = Pattern.compile("[\\[(](\\S+), (\\S+)[\\])]");

  static Range of(String text) {
    Matcher matcher = NOTATION.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not an interval: " + text);
    }
    return new Range(text, new BigDecimal(matcher.group(1)), new BigDecimal(matcher.group(2)));
  }

  boolean contains(BigDecimal value) {
    int above = value.compareTo(low);
    int below = high.compareTo(value);
    return (text.startsWith("[") ? above >= 0 : above > 0)
        && (text.endsWith("]") ? below >= 0 : below > 0);
  }
}
