package io.tubelet.spark;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The size of the main code: what a newcomer has to read. A number here goes down in any commit,
 * and up only in a commit that says why.
 */
class BudgetTest {
  private static final int LINES = 29_276;
  private static final int FILES = 246;
  private static final int PACKAGES = 27;
  private static final int SETTINGS = 167;
  private static final int LONGEST_FILE = 300;

  private static final Path MODULES = Path.of("..");

  /** Lines of each Java file of main code. */
  private static final List<Integer> SIZES = new ArrayList<>();

  private static int packages;
  private static int settings;

  @BeforeAll
  static void count() throws IOException {
    List<Path> files = below("src/main/java", ".java");
    for (Path file : files) {
      SIZES.add(Files.readAllLines(file).size());
    }
    packages = (int) files.stream().map(Path::getParent).distinct().count();
    ConfigParseOptions strict = ConfigParseOptions.defaults().setAllowMissing(false);
    for (Path file : below("src/main/resources", "reference.conf")) {
      File conf = file.toFile();
      settings += ConfigFactory.parseFile(conf, strict).entrySet().size();
    }
    SIZES.sort(null);
    System.out.printf(
        "main code: %d lines, %d files (median %d, longest %d), %d packages, %d settings%n",
        lines(), SIZES.size(), SIZES.get(SIZES.size() / 2), longest(), packages, settings);
  }

  private static List<Path> below(String folder, String ending) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> modules = Files.list(MODULES)) {
      for (Path source : modules.map(m -> m.resolve(folder)).filter(Files::isDirectory).toList()) {
        try (Stream<Path> files = Files.walk(source)) {
          files.filter(file -> file.toString().endsWith(ending)).forEach(found::add);
        }
      }
    }
    return found;
  }

  private static int lines() {
    return SIZES.stream().mapToInt(size -> size).sum();
  }

  private static int longest() {
    return SIZES.get(SIZES.size() - 1);
  }

  @Test
  void staysWithinItsLinesAndFiles() {
    assertThat(lines()).as("lines").isBetween(1, LINES);
    assertThat(SIZES.size()).as("files").isLessThanOrEqualTo(FILES);
    assertThat(longest()).as("lines of the longest file").isLessThanOrEqualTo(LONGEST_FILE);
  }

  @Test
  void staysWithinItsPackagesAndSettings() {
    assertThat(packages).as("packages").isBetween(1, PACKAGES);
    assertThat(settings).as("settings").isBetween(1, SETTINGS);
  }
}
