package io.tubelet.spark.config;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import java.util.Optional;

/** Keys of earlier versions; {@code removed-keys.conf} says what to do about each. */
final class RemovedKeys {
  private static final ConfigObject ADVICE =
      ConfigFactory.parseResources(RemovedKeys.class, "removed-keys.conf").root();

  private RemovedKeys() {}

  /** Whether keys below this full key were removed. */
  static boolean below(String key) {
    return ADVICE.keySet().stream().anyMatch(one -> one.startsWith(own(key) + "."));
  }

  /** What to do about a full key, or about the section that it was in; empty if it never was. */
  static Optional<String> advice(String key) {
    String own = own(key);
    while (!ADVICE.containsKey(own) && own.contains(".")) {
      own = own.substring(0, own.lastIndexOf('.'));
    }
    return Optional.ofNullable(ADVICE.get(own)).flatMap(Values::word);
  }

  private static String own(String key) {
    return key.startsWith(Layers.ROOT + ".") ? key.substring(Layers.ROOT.length() + 1) : key;
  }
}
