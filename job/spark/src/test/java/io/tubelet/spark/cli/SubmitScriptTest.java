package io.tubelet.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.spark.config.JobConfig;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The files beside the program: launcher, its settings, and the presets. Starts no Spark. */
class SubmitScriptTest {
  private static final Path PROJECT = Path.of("../..").toAbsolutePath().normalize();
  private static final Path CONF = PROJECT.resolve("conf");

  private record Ended(int code, String output) {}

  private static Ended submit(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("bash", PROJECT.resolve("deploy/submit.sh").toString());
    builder.command().addAll(List.of(arguments));
    builder.environment().keySet().removeIf(name -> name.startsWith("TUBELET_"));
    builder.environment().remove("SPARK_HOME");
    builder.environment().putAll(environment);
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), output);
  }

  private static String demo() {
    return CONF.resolve("demo.conf").toString();
  }

  @Test
  void printsTheWholeCommandForThisMachine() throws IOException, InterruptedException {
    Ended ended =
        submit(
            Map.of("TUBELET_CORES", "2"), "local", "pretrain", demo(), "run.seed=3", "--dry-run");
    assertThat(ended.code()).isZero();
    assertThat(ended.output())
        .hasLineCount(1)
        .contains("@" + CONF.resolve("java-opens.args"))
        .contains("-Xmx4g", "SparkSubmit --master local\\[2\\]", "io.tubelet.spark.cli.Main")
        .contains("pretrain --config " + demo() + " run.seed=3");
  }

  @Test
  void sendsJarsToAClusterUnlessItsNodesHaveThem() throws IOException, InterruptedException {
    String master = "spark://head:7077";
    Map<String, String> sent = Map.of("TUBELET_MASTER", master, "TUBELET_DRIVER_MEMORY", "9g");
    assertThat(submit(sent, "standalone", "prepare", "-", "--dry-run").output())
        .contains("-Xmx9g", "--master " + master, "--jars")
        .doesNotContain("--config");
    Map<String, String> installed =
        Map.of(
            "TUBELET_MASTER", master, "TUBELET_NODE_LIB", "/opt/lib", "SPARK_HOME", "/opt/spark");
    assertThat(submit(installed, "standalone", "prepare", "-", "--dry-run").output())
        .startsWith("/opt/spark/bin/spark-submit")
        .contains("spark.executor.extraClassPath=/opt/lib/")
        .doesNotContain("--jars");
  }

  @Test
  void refusesWhatItDoesNotKnow() throws IOException, InterruptedException {
    Ended target = submit(Map.of(), "mars", "prepare", demo());
    assertThat(target)
        .isEqualTo(new Ended(2, "submit.sh: no target 'mars'; there are: local, standalone\n"));
    assertThat(submit(Map.of(), "local", "prepare", "none.conf").output()).contains("none.conf");
    assertThat(submit(Map.of(), "standalone", "prepare", demo()).output())
        .contains("TUBELET_MASTER");
    assertThat(submit(Map.of(), "local").code()).isEqualTo(2);
  }

  @Test
  void givesJavaTheSameOptionsAsTheBuildGivesTests() throws IOException {
    List<String> options =
        Files.readAllLines(CONF.resolve("java-opens.args")).stream()
            .filter(line -> !line.startsWith("#"))
            .toList();
    assertThat(options).isNotEmpty();
    assertThat(ManagementFactory.getRuntimeMXBean().getInputArguments()).containsAll(options);
  }

  static Stream<Path> presets() throws IOException {
    try (Stream<Path> files = Files.list(CONF)) {
      return files
          .filter(
              file -> file.toString().endsWith(".conf") && !file.endsWith("spark-defaults.conf"))
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("presets")
  void everyPresetIsAConfiguration(Path preset) {
    JobConfig config = JobConfig.load(preset.toString(), List.of(), new Configuration(false));
    assertThat(config.data().corpora().isEmpty()).isEqualTo(preset.endsWith("bench.conf"));
    assertThat(preset).hasFileName(config.run().name() + ".conf");
  }
}
