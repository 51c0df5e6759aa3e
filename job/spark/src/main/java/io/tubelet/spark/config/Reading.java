package io.tubelet.spark.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.tubelet.spark.config.InvalidConfigException.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** One pass over a configuration: which keys were asked for, and all that is wrong. */
final class Reading {
  private final Config config;
  private final SortedMap<String, String> expected = new TreeMap<>();
  private final List<Problem> problems = new ArrayList<>();
  private final Set<String> unsound = new HashSet<>();

  Reading(Config config) {
    this.config = config;
  }

  /** Every key that was read, and what values it takes. */
  SortedMap<String, String> expected() {
    return expected;
  }

  /** The tree with the origin of each value, as text that is itself a configuration. */
  String render() {
    ConfigRenderOptions options =
        ConfigRenderOptions.defaults().setComments(false).setOriginComments(true).setJson(false);
    return config.root().render(options);
  }

  /** The value of a key; empty, and a problem, if there is none. */
  Optional<ConfigValue> value(String key, String takes) {
    expected.put(key, takes);
    ConfigValue found = config.root();
    String path = "";
    for (String name : ConfigUtil.splitPath(key)) {
      if (!(found instanceof ConfigObject section)) {
        unsound.add(key);
        problem(path, found.origin(), "expected a section, found " + render(found));
        return Optional.empty();
      }
      path = path.isEmpty() ? name : path + "." + name;
      found = section.get(name);
      if (found == null || found.valueType() == ConfigValueType.NULL) {
        unsound.add(key);
        problem(path, section.origin(), "has no value");
        return Optional.empty();
      }
    }
    return Optional.of(found);
  }

  /** {@code key=value} of every key that is not a default, sorted. */
  List<String> changed() {
    String root = Layers.ROOT + ".";
    return config.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(root))
        .filter(entry -> !Layers.isDefault(entry.getValue().origin()))
        .map(entry -> entry.getKey().substring(root.length()) + "=" + render(entry.getValue()))
        .sorted()
        .toList();
  }

  static String render(ConfigValue value) {
    return value.render(ConfigRenderOptions.concise());
  }

  void problem(String key, ConfigOrigin origin, String message) {
    unsound.add(key);
    Problem problem = new Problem(key, origin.description(), message);
    if (!problems.contains(problem)) {
      problems.add(problem);
    }
  }

  /**
   * A rule over several keys is broken. It is pinned to the key that the message names and that is
   * not a default: most likely the one to change.
   */
  void problem(List<String> keys, String message) {
    Comparator<String> likely =
        Comparator.comparing((String key) -> !named(key, message))
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

  /** Whether all of these keys have values that fit. */
  boolean sound(Collection<String> keys) {
    return Collections.disjoint(unsound, keys);
  }

  /**
   * Ends the pass.
   *
   * @throws InvalidConfigException if anything is wrong, keys that nobody reads included
   */
  void finish() {
    findUnknown(config.root(), "");
    if (!problems.isEmpty()) {
      throw new InvalidConfigException(problems);
    }
  }

  private void findUnknown(ConfigObject section, String path) {
    for (Map.Entry<String, ConfigValue> entry : section.entrySet()) {
      String name = ConfigUtil.joinPath(entry.getKey());
      String key = path.isEmpty() ? name : path + "." + name;
      // '/' is the character after '.'
      boolean inside = !expected.subMap(key + ".", key + "/").isEmpty();
      if (inside && entry.getValue() instanceof ConfigObject child) {
        findUnknown(child, key);
      } else if (!inside && !expected.containsKey(key)) {
        String message = "unknown key; did you mean %s?".formatted(nearest(key));
        problem(key, entry.getValue().origin(), message);
      }
    }
  }

  private String nearest(String key) {
    LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
    return expected.keySet().stream()
        .min(
            Comparator.comparing((String known) -> !last(known).equals(last(key)))
                .thenComparing(known -> distance.apply(known, key)))
        .orElseThrow();
  }

  private static String last(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }
}
