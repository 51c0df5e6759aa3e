package io.tubelet.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** What {@code mvn package} leaves in {@code target/dist}, as a whole. */
class ClassPathIT {
  private static final Path DIST = Path.of("target/dist");

  /**
   * Known and harmless. DL4J's guava holds the annotations of jsr305, which no program runs; its
   * protobuf holds three classes of Guava's list of public suffixes, which nobody asks for.
   */
  private static final List<String> KNOWN =
      List.of(
          "guava-1.0.0-M2.1.jar and jsr305-3.0.0.jar",
          "protobuf-1.0.0-M2.1.jar and guava-16.0.1.jar");

  /** In two builds of one commit nothing differs but the clock, and no clock shows. */
  @Test
  void ourJarsShowNoTimeOfBuilding() throws IOException {
    List<Path> ours =
        jars(DIST.resolve("lib")).stream()
            .filter(jar -> name(jar).startsWith("tubelet-"))
            .filter(jar -> !name(jar).startsWith("tubelet-bench-")) // of an earlier build
            .toList();
    assertThat(ours).hasSize(6);
    for (Path path : ours) {
      try (JarFile jar = new JarFile(path.toFile())) {
        assertThat(jar.stream().map(ZipEntry::getTimeLocal).distinct())
            .as(name(path))
            .containsExactly(LocalDateTime.of(2026, 11, 23, 0, 0));
        assertThat(jar.getManifest().getMainAttributes().keySet().toString())
            .doesNotContain("Built-By", "Build-Time");
      }
    }
  }

  @Test
  void theBillOfMaterialsNamesEveryLibrary() throws IOException {
    if (System.getProperty("tubelet.maven").endsWith("true")) {
      System.out.println("skipped: Maven makes no bill of materials offline");
      abort("offline");
    }
    JsonNode bom = new ObjectMapper().readTree(DIST.resolve("bom.json").toFile());
    Set<String> named = new HashSet<>();
    bom.get("components")
        .forEach(c -> named.add(c.get("name").asText() + "-" + c.get("version").asText()));
    assertThat(jars(DIST.resolve("lib")))
        .filteredOn(jar -> !name(jar).matches("tubelet-(spark|bench)-.*"))
        .allSatisfy(jar -> assertThat(named).anyMatch(name(jar)::startsWith));
  }

  /** Arrow lies in Spark's class loader, which does not see the job's libraries. */
  @Test
  void sparkHasWhatArrowNeeds() throws IOException {
    assertThat(jars(DIST.resolve("spark/jars"))).anyMatch(jar -> name(jar).startsWith("flatbuff"));
  }

  /** What DL4J brings along, old, and the job has no way to. */
  @Test
  void noOldPassengersAreOnBoard() throws IOException {
    assertThat(jars(DIST.resolve("lib")))
        .noneMatch(
            jar ->
                name(jar)
                    .matches("(gson|commons-net|freemarker|fastutil|.*kryo|.*ui-components).*"));
  }

  /** A row of {@code deploy/advisories.csv}. */
  private record Advisory(String library, String mended, String cve, String accepted) {
    static Advisory of(String line) {
      String[] fields = line.split(",", 4);
      return new Advisory(fields[0], fields[1], fields[2], fields[3]);
    }

    /** Whether a jar is this library of a version before the mended one. */
    boolean concerns(Path jar) {
      Matcher parts = Pattern.compile("(.+?)-(\\d.*)\\.jar").matcher(name(jar));
      return parts.matches()
          && parts.group(1).equals(library)
          && Arrays.compare(numbers(parts.group(2)), numbers(mended)) < 0;
    }

    private static int[] numbers(String version) {
      return Pattern.compile("\\d+")
          .matcher(version)
          .results()
          .mapToInt(number -> Integer.parseInt(number.group()))
          .toArray();
    }
  }

  @Test
  void noLibraryHasAnAdvisoryThatNobodyHasAnswered() throws IOException {
    List<Path> all = new ArrayList<>(jars(DIST.resolve("lib")));
    all.addAll(jars(DIST.resolve("spark/jars")));
    List<Advisory> advisories =
        Files.readAllLines(Path.of("../../deploy/advisories.csv")).stream()
            .filter(line -> line.contains("CVE-"))
            .map(Advisory::of)
            .toList();
    assertThat(advisories)
        .hasSizeGreaterThan(15)
        .allSatisfy(
            advisory ->
                assertThat(all.stream().anyMatch(advisory::concerns))
                    .as(advisory.toString())
                    .isEqualTo(!advisory.accepted.isEmpty()));
    assertThat(Advisory.of("a-b_2.12,1.10.2,CVE,").concerns(Path.of("a-b_2.12-1.9.10.jar")))
        .isTrue();
  }

  private static String name(Path jar) {
    return jar.getFileName().toString();
  }

  private record Place(String jar, long crc) {}

  /** Which of the two is loaded would depend on how the job is submitted. */
  @Test
  void theJobsLibrariesAndSparksShareNoClassOfOtherBytes() throws IOException {
    Map<String, Place> spark = new HashMap<>();
    for (Path jar : jars(DIST.resolve("spark/jars"))) {
      classes(jar).forEach(spark::put);
    }
    TreeSet<String> clashes = new TreeSet<>();
    int seen = 0;
    for (Path jar : jars(DIST.resolve("lib"))) {
      for (Map.Entry<String, Place> entry : classes(jar).entrySet()) {
        seen++;
        Place other = spark.get(entry.getKey());
        if (other != null && other.crc != entry.getValue().crc) {
          clashes.add(entry.getValue().jar + " and " + other.jar);
        }
      }
    }
    assertThat(spark).as("Spark's classes").hasSizeGreaterThan(10_000);
    assertThat(seen).as("the job's classes").isGreaterThan(10_000);
    assertThat(clashes).containsExactlyElementsOf(KNOWN);
  }

  private static List<Path> jars(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
  }

  private static Map<String, Place> classes(Path path) throws IOException {
    Map<String, Place> classes = new HashMap<>();
    try (JarFile jar = new JarFile(path.toFile())) {
      for (ZipEntry entry : jar.stream().map(ZipEntry.class::cast).toList()) {
        String name = entry.getName();
        if (name.endsWith(".class")
            && !name.startsWith("META-INF/")
            && !name.equals("module-info.class")) {
          classes.put(name, new Place(path.getFileName().toString(), entry.getCrc()));
        }
      }
    }
    return classes;
  }
}
