package io.tubelet.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.spark.stage.Stages;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every command in a block marked {@code sh} of the README and of {@code docs/} is one that the
 * launcher and the job take.
 */
class DocumentedCommandsTest {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```sh\n(.*?)^```");
  private static final Pattern SUBMIT = Pattern.compile("((?:\\w+=\\S+ )*)deploy/submit.sh (.*)");
  private static final List<String> PHASES = List.of("verify", "test", "package", "-q", "-B");

  static Stream<String> commands() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(Documentation.PROJECT.resolve("README.md")));
    try (Stream<Path> docs = Files.list(Documentation.DOCS)) {
      docs.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    return pages.stream()
        .flatMap(page -> BLOCK.matcher(Documentation.read(page)).results())
        .flatMap(block -> block.group(1).replaceAll("\\\\\n\\s*", "").lines())
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        // what the run of own-videos.conf leaves there has its settings
        .map(line -> line.replace("run/mine/config.conf", "conf/own-videos.conf"))
        .distinct();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void isTaken(String command) throws Exception {
    assertThat(fault(command)).isEmpty();
  }

  @Test
  void thereAreSome() throws IOException {
    assertThat(commands()).hasSizeGreaterThan(10);
  }

  @Test
  void commandsThatNoLongerExistAreFound() throws Exception {
    assertThat(fault("deploy/submit.sh local pretrian conf/demo.conf")).contains("pretrian");
    assertThat(fault("deploy/submit.sh local pretrain conf/none.conf")).contains("none.conf");
    assertThat(fault("deploy/submit.sh mars pretrain conf/demo.conf")).contains("mars");
    assertThat(fault("deploy/submit.sh local pretrain - pretrain.epoch=3")).contains("epochs");
    assertThat(fault("make all")).contains("make");
  }

  /** Why a command would not run; empty if it would. */
  private static String fault(String command) throws IOException, InterruptedException {
    var submit = SUBMIT.matcher(command);
    if (submit.matches()) {
      String launcher = launch(command + " --dry-run");
      return launcher.isEmpty() ? parse(submit.group(2).split("\\s+", -1)) : launcher;
    }
    String[] words = command.split("\\s+", -1);
    if (words[0].equals("mvn")) {
      return PHASES.contains(words[1]) ? "" : command;
    }
    boolean script =
        words[0].contains("/") && Files.isExecutable(Documentation.PROJECT.resolve(words[0]));
    return script ? "" : "nothing checks " + command;
  }

  private static String launch(String command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("bash", "-c", command);
    builder.environment().keySet().removeIf(name -> name.startsWith("TUBELET_"));
    builder.environment().remove("SPARK_HOME");
    Process process =
        builder.directory(Documentation.PROJECT.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() == 0 ? "" : output;
  }

  /** TARGET STAGE CONF and the rest, as the launcher hands them to the job. */
  private static String parse(String[] words) {
    List<String> job = new ArrayList<>(List.of(words[1]));
    if (!words[2].equals("-")) {
      job.addAll(List.of("--config", Documentation.PROJECT.resolve(words[2]).toString()));
    }
    job.addAll(Arrays.asList(words).subList(3, words.length));
    job.add("--dry-run");
    return fault(job);
  }

  /** What the job's command line says against some words. */
  static String fault(List<String> words) {
    StringWriter err = new StringWriter();
    int code =
        Main.commands(Stages.all(), name -> null)
            .setErr(new PrintWriter(err, true))
            .setOut(new PrintWriter(new StringWriter()))
            .execute(words.toArray(String[]::new));
    return code == 0 ? "" : err.toString();
  }
}
