package io.tubelet.spark.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Typed reading of the keys below one key. A value that does not fit becomes a problem and reads as
 * zero or empty, so that one pass finds everything that is wrong; nothing made from such values
 * leaves the pass.
 *
 * <p>Numbers are strict: 1.5 is no whole number, {@code 60s} no number of seconds.
 */
final class Section {
  private final Reading reading;
  private final String path;

  Section(Reading reading, String path) {
    this.reading = reading;
    this.path = path;
  }

  Section section(String key) {
    return new Section(reading, full(key));
  }

  private String full(String key) {
    return path + "." + key;
  }

  /** Asks for a key, and says what it takes; {@code parse} gives empty where the value is none. */
  private <T> T read(String key, String takes, T none, Function<ConfigValue, Optional<T>> parse) {
    Optional<ConfigValue> value = reading.value(full(key), takes);
    if (value.isEmpty()) {
      return none;
    }
    Optional<T> parsed = parse.apply(value.get());
    if (parsed.isEmpty()) {
      String message = "expected %s, found %s".formatted(takes, Reading.render(value.get()));
      reading.problem(full(key), value.get().origin(), message);
      return none;
    }
    return parsed.get();
  }

  /** A whole number in an interval such as {@code [1, 64]}. */
  int integer(String key, String interval) {
    Range range = Range.of(interval);
    return read(key, "whole number in " + interval, 0, value -> whole(value, range));
  }

  /** Any whole number of 64 bits. */
  long seed(String key) {
    return read(key, "whole number", 0L, value -> decimal(value).flatMap(Section::whole));
  }

  /** A number in an interval. */
  double number(String key, String interval) {
    Range range = Range.of(interval);
    return read(key, "number in " + interval, 0.0, value -> number(value, range));
  }

  /** Two numbers, each in an interval. */
  List<Double> pair(String key, String interval) {
    Range range = Range.of(interval);
    return read(
        key,
        "two numbers, each in " + interval,
        List.of(0.0, 0.0),
        value ->
            elements(value, element -> number(element, range))
                .filter(numbers -> numbers.size() == 2));
  }

  /** Any number of texts, none included. */
  List<String> texts(String key) {
    return list(key, "list of texts", Section::word);
  }

  /** Whole numbers in an interval; may be none. */
  List<Integer> integers(String key, String interval) {
    Range range = Range.of(interval);
    return list(key, "list of whole numbers in " + interval, element -> whole(element, range));
  }

  /** Constants of an enum, in lower case with hyphens; may be none. */
  <E extends Enum<E>> List<E> choices(String key, Class<E> type) {
    return list(
        key, "list of " + String.join(", ", words(type)), element -> constant(element, type));
  }

  /** The constant that a value names, in lower case with hyphens. */
  static <E extends Enum<E>> Optional<E> constant(ConfigValue value, Class<E> type) {
    return word(value)
        .map(words(type)::indexOf)
        .filter(index -> index >= 0)
        .map(index -> type.getEnumConstants()[index]);
  }

  private static List<String> words(Class<? extends Enum<?>> type) {
    return Stream.of(type.getEnumConstants()).map(Section::word).toList();
  }

  /** Sections; may be none. {@code parse} gives empty where one does not fit. */
  <T> List<T> sections(String key, String takes, Function<ConfigObject, Optional<T>> parse) {
    return list(
        key,
        takes,
        element -> element instanceof ConfigObject one ? parse.apply(one) : Optional.empty());
  }

  private <T> List<T> list(String key, String takes, Function<ConfigValue, Optional<T>> parse) {
    return read(key, takes, List.of(), value -> elements(value, parse));
  }

  /** Every element of a list, if it is one and each can be parsed. */
  static <T> Optional<List<T>> elements(
      ConfigValue value, Function<ConfigValue, Optional<T>> parse) {
    if (!(value instanceof List<?> list)) {
      return Optional.empty();
    }
    List<T> parsed =
        list.stream().flatMap(element -> parse.apply((ConfigValue) element).stream()).toList();
    return Optional.of(parsed).filter(all -> all.size() == list.size());
  }

  static Optional<Double> number(ConfigValue value, Range range) {
    return decimal(value).filter(range::contains).map(BigDecimal::doubleValue);
  }

  private static Optional<Integer> whole(ConfigValue value, Range range) {
    return decimal(value).filter(range::contains).flatMap(Section::whole).map(Long::intValue);
  }

  private static Optional<BigDecimal> decimal(ConfigValue value) {
    try {
      return word(value).map(BigDecimal::new);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Optional<Long> whole(BigDecimal number) {
    try {
      return Optional.of(number.longValueExact());
    } catch (ArithmeticException e) {
      return Optional.empty();
    }
  }

  /** A value as it was written, if it is one word or text; numbers and booleans are words too. */
  static Optional<String> word(ConfigValue value) {
    return switch (value.valueType()) {
      case STRING, NUMBER, BOOLEAN -> Optional.of(value.atKey("it").getString("it"));
      case OBJECT, LIST, NULL -> Optional.empty();
    };
  }

  boolean flag(String key) {
    return oneOf(key, List.of("true", "false")).equals("true");
  }

  /** Any text, the empty one included. */
  String text(String key) {
    return read(key, "text", "", Section::word);
  }

  /** A local path or a Hadoop URI; not empty. */
  String path(String key) {
    return read(key, "path", "", value -> word(value).filter(text -> !text.isBlank()));
  }

  /** An amount of memory as Java and Spark take it. */
  String size(String key) {
    return read(
        key,
        "memory size such as 16g",
        "1g",
        value -> word(value).filter(text -> text.matches("[1-9]\\d{0,8}[kmgt]")));
  }

  String oneOf(String key, List<String> words) {
    return read(
        key,
        "one of " + String.join(", ", words),
        words.get(0),
        value -> word(value).filter(words::contains));
  }

  /** A constant of an enum, in lower case with hyphens. */
  <E extends Enum<E>> E choice(String key, Class<E> type) {
    List<String> words = words(type);
    return type.getEnumConstants()[words.indexOf(oneOf(key, words))];
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * A value that checks itself, made of the values of some keys. Its {@link
   * IllegalArgumentException} becomes a problem of one of them.
   *
   * @return null if that, or if one of the keys is a problem already
   */
  <T> T build(Supplier<T> maker, String... keys) {
    List<String> full = Stream.of(keys).map(this::full).toList();
    if (!reading.sound(full)) {
      return null;
    }
    try {
      return maker.get();
    } catch (IllegalArgumentException e) {
      reading.problem(full, e.getMessage());
      return null;
    }
  }

  /** A rule over the values of some keys. */
  void require(boolean holds, String rule, String... keys) {
    List<String> full = Stream.of(keys).map(this::full).toList();
    if (!holds && reading.sound(full)) {
      reading.problem(full, rule);
    }
  }
}
