package io.tubelet.spark.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

class ReferenceConfTest {
  private final Map<String, ConfigValue> leaves = new TreeMap<>();
  private final SortedMap<String, String> read = read();

  ReferenceConfTest() {
    collect(Layers.reference().root(), "");
  }

  private static SortedMap<String, String> read() {
    Binder binder = JobConfig.binder(new Layers(new Configuration(false)).merge("", List.of()));
    assertThat(binder.bind(JobConfig.class, Layers.ROOT)).isNotNull();
    return binder.expected();
  }

  private void collect(ConfigObject section, String path) {
    section.forEach(
        (name, value) -> {
          String key = path.isEmpty() ? name : path + "." + name;
          if (value instanceof ConfigObject child) {
            collect(child, key);
          } else {
            leaves.put(key, value);
          }
        });
  }

  @Test
  void holdsExactlyTheKeysThatAreRead() {
    assertThat(leaves.keySet()).containsExactlyInAnyOrderElementsOf(read.keySet());
  }

  @Test
  void saysOfEveryKeyWhatItTakesAndWhereTheDefaultIsFrom() {
    leaves.forEach(
        (key, value) -> {
          String comment = String.join("", value.origin().comments()).toLowerCase(Locale.ROOT);
          assertThat(comment).as(key).contains(read.get(key));
          assertThat(comment).as(key).containsPattern("paper|published|job|whole number\\.");
        });
  }
}
