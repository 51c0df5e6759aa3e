package io.tubelet.spark.config;

import static java.lang.annotation.ElementType.RECORD_COMPONENT;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.tubelet.spark.config.InvalidConfigException.Problem;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.text.similarity.LevenshteinDistance;

/**
 * Makes records of a configuration: the component {@code shardClips} is the key {@code
 * shard-clips}, a nested record is a section. Values that do not fit, missing values, unknown keys
 * and what a record's constructor refuses become problems; one pass finds them all.
 */
final class Binder {

  /** The key of a component that is not called like it; empty: its keys are in this section. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(RECORD_COMPONENT)
  @interface Key {
    String value();
  }

  /**
   * What a component takes: an interval of numbers, {@code path}, or words. At a nested record that
   * cannot say so itself: {@code "micro-batch [0, 65536]"} for each of its keys.
   */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(RECORD_COMPONENT)
  @interface In {
    String[] value();
  }

  /** The value of a component in a section where {@code reference.conf} has no key for it. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(RECORD_COMPONENT)
  @interface Else {
    String value();
  }

  private final Config config;
  private final Values types;
  private final Map<String, Object> given;
  private final Set<String> defaults;
  private final SortedMap<String, String> expected = new TreeMap<>();
  private final List<Problem> problems = new ArrayList<>();

  /** With the types that are no records, and values by key that are no settings. */
  Binder(Config config, Values types, Map<String, Object> given) {
    this.config = config;
    this.types = types;
    this.given = given;
    this.defaults =
        Layers.reference().resolve().entrySet().stream()
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet());
  }

  /** Every key that was read, and what it takes. */
  SortedMap<String, String> expected() {
    return expected;
  }

  /** The record of a section; null, and problems, if it cannot be made. */
  <T extends Record> T bind(Class<T> type, String section) {
    return bind(type, section, List.of());
  }

  private <T extends Record> T bind(Class<T> type, String section, List<String> limits) {
    Set<String> before = Set.copyOf(expected.keySet());
    List<Object> arguments = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      arguments.add(component(component, section, limits));
    }
    if (arguments.contains(null)) {
      return null;
    }
    try {
      Class<?>[] types =
          Stream.of(type.getRecordComponents())
              .map(RecordComponent::getType)
              .toArray(Class<?>[]::new);
      var constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(arguments.toArray());
    } catch (InvocationTargetException e) {
      if (!(e.getCause() instanceof IllegalArgumentException)) {
        throw new IllegalStateException(type.toString(), e.getCause());
      }
      List<String> own = expected.keySet().stream().filter(key -> !before.contains(key)).toList();
      problem(own, e.getCause().getMessage());
      return null;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type.toString(), e);
    }
  }

  private Object component(RecordComponent component, String section, List<String> limits) {
    Key named = component.getAnnotation(Key.class);
    String name = named == null ? kebab(component.getName()) : named.value();
    String key = name.isEmpty() ? section : section + "." + name;
    if (given.containsKey(key)) {
      return given.get(key);
    }
    In own = component.getAnnotation(In.class);
    if (component.getType().isRecord()) {
      List<String> inner = own == null ? List.of() : List.of(own.value());
      return bind(component.getType().asSubclass(Record.class), key, inner);
    }
    Optional<String> limit = limits.stream().filter(one -> one.startsWith(name + " ")).findFirst();
    String takes =
        own == null
            ? limit.map(one -> one.substring(name.length() + 1)).orElse("")
            : own.value()[0];
    Values.Type<?> type = types.of(component.getGenericType(), takes);
    Else otherwise = component.getAnnotation(Else.class);
    return otherwise == null || defaults.contains(key)
        ? read(key, type)
        : type.parse().apply(hocon(otherwise.value())).orElseThrow();
  }

  private static ConfigValue hocon(String text) {
    return ConfigFactory.parseString("value = " + text).getValue("value");
  }

  /** {@code shortSide} as {@code short-side}. */
  private static String kebab(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  private Object read(String key, Values.Type<?> type) {
    expected.put(key, type.takes());
    Optional<ConfigValue> found = find(key);
    Optional<?> value = found.flatMap(type.parse());
    if (found.isPresent() && value.isEmpty()) {
      String message = "expected %s, found %s".formatted(type.takes(), Layers.render(found.get()));
      problem(key, found.get().origin(), message);
    }
    return value.orElse(null);
  }

  private Optional<ConfigValue> find(String key) {
    ConfigValue found = config.root();
    String path = "";
    for (String name : ConfigUtil.splitPath(key)) {
      if (!(found instanceof ConfigObject section)) {
        String message = "expected a section, found " + Layers.render(found);
        problem(path, found.origin(), message);
        return Optional.empty();
      }
      path = path.isEmpty() ? name : path + "." + name;
      found = section.get(name);
      if (found == null || found.valueType() == ConfigValueType.NULL) {
        problem(path, section.origin(), "has no value");
        return Optional.empty();
      }
    }
    return Optional.of(found);
  }

  private void problem(String key, ConfigOrigin origin, String message) {
    Problem problem = new Problem(key, origin.description(), message);
    if (!problems.contains(problem)) {
      problems.add(problem);
    }
  }

  void problem(String message) {
    problem(List.copyOf(expected.keySet()), message);
  }

  /**
   * A rule over some keys is broken. The problem is pinned to the one that the message names, best
   * in full, and that is not a default: most likely the one to change.
   */
  private void problem(List<String> keys, String message) {
    Comparator<String> likely =
        Comparator.comparing((String key) -> !message.contains(Layers.own(key)))
            .thenComparing(key -> !named(key, message))
            .thenComparing(key -> Layers.isDefault(origin(key)));
    String key = keys.stream().min(likely).orElseThrow();
    problem(key, origin(key), message);
  }

  private static boolean named(String key, String message) {
    return Pattern.compile("\\b" + Pattern.quote(last(key)) + "\\b").matcher(message).find();
  }

  private ConfigOrigin origin(String key) {
    return config.getValue(key).origin();
  }

  /** Ends the pass; fails if anything is wrong, keys that nobody reads included. */
  void finish() {
    findUnknown(config.root(), "");
    if (!problems.isEmpty()) {
      problems.sort(Comparator.comparing(Problem::key));
      throw new InvalidConfigException(problems);
    }
  }

  private void findUnknown(ConfigObject tree, String path) {
    for (Map.Entry<String, ConfigValue> entry : tree.entrySet()) {
      String name = ConfigUtil.joinPath(entry.getKey());
      String key = path.isEmpty() ? name : path + "." + name;
      // '/' is the character after '.'
      boolean inside = !expected.subMap(key + ".", key + "/").isEmpty();
      boolean section = inside || Layers.hasRemoved(key);
      if (section && entry.getValue() instanceof ConfigObject child) {
        findUnknown(child, key);
      } else if (!inside && !expected.containsKey(key)) {
        String message =
            Layers.advice(key)
                .orElseGet(() -> "unknown key; did you mean %s?".formatted(nearest(key)));
        problem(key, origin(entry.getValue()), message);
      }
    }
  }

  /** Where a value was set; a section that the command line makes has the origin of its value. */
  private static ConfigOrigin origin(ConfigValue value) {
    return value instanceof ConfigObject section && !section.isEmpty()
        ? origin(section.values().iterator().next())
        : value.origin();
  }

  /** Such as learning-rate for lr. */
  private String nearest(String key) {
    LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
    String word = last(key);
    return expected.keySet().stream()
        .min(
            Comparator.comparing((String known) -> !last(known).equals(word))
                .thenComparing(known -> !last(known).replaceAll("(\\w)\\w*-?", "$1").equals(word))
                .thenComparing(known -> distance.apply(known, key)))
        .orElseThrow();
  }

  private static String last(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }
}
