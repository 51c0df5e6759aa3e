package io.tubelet.spark.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.tubelet.spark.config.InvalidConfigException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The three layers of text, merged: {@code reference.conf} under the file under the command line.
 * Substitutions such as {@code ${tubelet.run.dir}} or {@code ${?HOME}} are resolved in the merged
 * tree, so an override moves everything that refers to it.
 */
final class Layers {
  static final String ROOT = "tubelet";
  static final String COMMAND_LINE = "command line";
  private static final String REFERENCE = "reference.conf";

  /** Keys of earlier versions, and what to do about each. */
  private static final ConfigObject REMOVED =
      ConfigFactory.parseResources(Layers.class, "removed-keys.conf").root();

  private final Configuration hadoop;

  Layers(Configuration hadoop) {
    this.hadoop = hadoop;
  }

  Config merge(String file, List<String> overrides) {
    try {
      Config config = file.isEmpty() ? ConfigFactory.empty() : parse(new Path(file), file);
      for (String override : overrides) {
        config = with(config, override);
      }
      return config.withFallback(reference()).resolve();
    } catch (ConfigException e) {
      throw new InvalidConfigException(List.of(new Problem("", "", e.getMessage())));
    }
  }

  static boolean isDefault(ConfigOrigin origin) {
    return origin.description().startsWith(REFERENCE);
  }

  /** The tree with the origin of each value, as text that is itself a configuration. */
  static String withOrigins(Config config) {
    ConfigRenderOptions options =
        ConfigRenderOptions.defaults().setComments(false).setOriginComments(true).setJson(false);
    return config.root().render(options);
  }

  /** {@code key=value} of every key that is not a default, sorted. */
  static List<String> changed(Config config) {
    String root = ROOT + ".";
    return config.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(root))
        .filter(entry -> !isDefault(entry.getValue().origin()))
        .map(entry -> entry.getKey().substring(root.length()) + "=" + render(entry.getValue()))
        .sorted()
        .toList();
  }

  static String render(ConfigValue value) {
    return value.render(ConfigRenderOptions.concise());
  }

  /** The defaults, before substitution. A class path may hold other libraries' defaults too. */
  static Config reference() {
    ClassLoader loader = Layers.class.getClassLoader();
    return ConfigFactory.parseResources(loader, REFERENCE, options(REFERENCE)).withOnlyPath(ROOT);
  }

  /** Whether keys below this full key were removed. */
  static boolean hasRemoved(String key) {
    return REMOVED.keySet().stream().anyMatch(one -> one.startsWith(own(key) + "."));
  }

  /** What to do about a key of an earlier version, or below one; empty if it never was. */
  static Optional<String> advice(String key) {
    String own = own(key);
    while (!REMOVED.containsKey(own) && own.contains(".")) {
      own = own.substring(0, own.lastIndexOf('.'));
    }
    return Optional.ofNullable(REMOVED.get(own)).flatMap(Values::word);
  }

  static String own(String key) {
    return key.startsWith(ROOT + ".") ? key.substring(ROOT.length() + 1) : key;
  }

  private Config parse(Path path, String name) {
    try (InputStream in = files(path).open(path)) {
      return parse(in, options(name).setIncluder(new Beside(path.getParent())));
    } catch (IOException e) {
      String message = "cannot be read (%s)".formatted(e.getMessage());
      throw new InvalidConfigException(List.of(new Problem("", name, message)));
    }
  }

  /** A path without a scheme is on this machine, whatever the cluster's default file system. */
  private FileSystem files(Path path) throws IOException {
    return path.toUri().getScheme() == null
        ? FileSystem.getLocal(hadoop)
        : path.getFileSystem(hadoop);
  }

  private static Config parse(InputStream in, ConfigParseOptions options) {
    Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8);
    return ConfigFactory.parseReader(reader, options);
  }

  private static ConfigParseOptions options(String name) {
    return ConfigParseOptions.defaults().setOriginDescription(name);
  }

  private static Config with(Config config, String override) {
    int equals = override.indexOf('=');
    if (equals < 1) {
      throw new InvalidConfigException(
          List.of(new Problem(override, COMMAND_LINE, "expected key=value")));
    }
    String key = override.substring(0, equals);
    return config.withValue(ROOT + "." + own(key), value(override.substring(equals + 1)));
  }

  /** Plain text, so that {@code hdfs://} is no comment; lists and quotes are HOCON. */
  private static ConfigValue value(String text) {
    return text.startsWith("[") || text.startsWith("\"")
        ? ConfigFactory.parseString("value = " + text, options(COMMAND_LINE)).getValue("value")
        : ConfigValueFactory.fromAnyRef(text, COMMAND_LINE);
  }

  /** {@code include "x.conf"} is a file next to the one that includes it. */
  private final class Beside implements ConfigIncluder {
    private final Path folder;

    private Beside(Path folder) {
      this.folder = folder;
    }

    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
      return this;
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
      return parse(folder == null ? new Path(what) : new Path(folder, what), what).root();
    }
  }
}
