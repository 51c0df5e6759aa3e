package io.tubelet.spark.config;

import com.typesafe.config.ConfigValue;
import java.lang.reflect.ParameterizedType;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How single values and lists are read. Numbers are strict: 1.5 is no whole number, {@code 60s} no
 * number of seconds. Types of its own, and lists of them, this program adds.
 */
record Values(Map<Class<?>, Type<?>> own) {

  /**
   * What values of a type are, in words for messages and {@code reference.conf}, and a parser that
   * gives empty where one is none.
   */
  record Type<T>(String takes, Function<ConfigValue, Optional<T>> parse) {}

  /** The type of a record's component; the limit is an interval, {@code path}, words, or empty. */
  Type<?> of(java.lang.reflect.Type type, String limit) {
    if (type instanceof ParameterizedType list) {
      java.lang.reflect.Type element = list.getActualTypeArguments()[0];
      Type<?> one = of(element, limit);
      String each =
          one.takes.replaceFirst("^one of ", "").replaceFirst("^(.*?)(text|number)\\b", "$1$2s");
      String takes = own.containsKey(element) ? one.takes : "list of " + each;
      return new Type<>(takes, value -> elements(value, one.parse));
    }
    if (own.containsKey(type)) {
      return own.get(type);
    }
    return single((Class<?>) type, limit);
  }

  private static Type<?> single(Class<?> type, String limit) {
    if (type == int.class || type == Integer.class) {
      Range range = Range.of(limit);
      return new Type<>(
          "whole number in " + limit, value -> whole(value, range).map(Long::intValue));
    } else if (type == long.class) {
      return new Type<>("whole number", value -> decimal(value).flatMap(Values::whole));
    } else if (type == double.class || type == Double.class) {
      Range range = Range.of(limit);
      return new Type<>("number in " + limit, value -> number(value, range));
    } else if (type == boolean.class) {
      return oneOf(List.of(true, false), String::valueOf);
    } else if (type.isEnum()) {
      return oneOf(List.of(type.getEnumConstants()), one -> word((Enum<?>) one));
    } else if (limit.equals("path")) {
      return new Type<>("path", value -> word(value).filter(text -> !text.isBlank()));
    } else if (limit.isEmpty()) {
      return new Type<>("text", Values::word);
    }
    return oneOf(List.of(limit.split(", ")), text -> text);
  }

  static <T> Type<T> oneOf(List<T> choices, Function<? super T, String> words) {
    return new Type<>(
        "one of " + choices.stream().map(words).collect(Collectors.joining(", ")),
        value ->
            word(value)
                .flatMap(
                    text -> choices.stream().filter(c -> words.apply(c).equals(text)).findFirst()));
  }

  /** A constant in lower case with hyphens. */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A value as it was written, if it is one word or text; numbers and booleans are words too. */
  static Optional<String> word(ConfigValue value) {
    return switch (value.valueType()) {
      case STRING, NUMBER, BOOLEAN -> Optional.of(value.atKey("it").getString("it"));
      case OBJECT, LIST, NULL -> Optional.empty();
    };
  }

  /** Every element of a list, if it is one and each can be parsed. */
  static <T> Optional<List<T>> elements(
      ConfigValue value, Function<ConfigValue, ? extends Optional<? extends T>> parse) {
    if (!(value instanceof List<?> list)) {
      return Optional.empty();
    }
    List<T> parsed =
        list.stream().<T>flatMap(element -> parse.apply((ConfigValue) element).stream()).toList();
    return Optional.of(parsed).filter(all -> all.size() == list.size());
  }

  static Optional<Double> number(ConfigValue value, Range range) {
    return decimal(value).filter(range::contains).map(BigDecimal::doubleValue);
  }

  private static Optional<Long> whole(ConfigValue value, Range range) {
    return decimal(value).filter(range::contains).flatMap(Values::whole);
  }

  private static Optional<Long> whole(BigDecimal number) {
    try {
      return Optional.of(number.longValueExact());
    } catch (ArithmeticException e) {
      return Optional.empty();
    }
  }

  private static Optional<BigDecimal> decimal(ConfigValue value) {
    try {
      return word(value).map(BigDecimal::new);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** An interval of numbers as messages show it: {@code [0, 1)} has 0 and has not 1. */
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
}
