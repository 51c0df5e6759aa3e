package io.tubelet.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The DAGs of {@code deploy/airflow}: their own tests in Python, and what they give to the job. */
class AirflowDagsTest {
  private static final Path DAGS = Documentation.PROJECT.resolve("deploy/airflow");

  @TempDir private Path folder;

  private record Ended(int code, String output, String errors) {}

  @BeforeAll
  static void wantsPython() throws IOException {
    boolean found =
        Stream.of(System.getenv("PATH").split(":"))
            .anyMatch(path -> Files.isExecutable(Path.of(path, "python3")));
    if (!found) {
      System.out.println("AirflowDagsTest skipped: no python3 on the path");
    }
    assumeTrue(found, "no python3");
  }

  private Ended python(Path dags, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("python3", "-B", "test_dags.py"));
    command.addAll(Arrays.asList(arguments));
    Path errors = folder.resolve("errors.txt");
    Process process =
        new ProcessBuilder(command).directory(dags.toFile()).redirectError(errors.toFile()).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), output, Files.readString(errors));
  }

  @Test
  void passTheirOwnTests() throws Exception {
    Ended ended = python(DAGS);
    assertThat(ended.code()).as(ended.errors()).isZero();
    assertThat(ended.errors()).containsPattern("Ran \\d+ tests");
    System.out.println("AirflowDagsTest " + ended.errors().lines().findFirst().orElse(""));
  }

  @Test
  void giveTheJobLinesThatItTakes() throws Exception {
    Ended ended = python(DAGS, "--vectors", Documentation.PROJECT.toString());
    assertThat(ended.code()).as(ended.errors()).isZero();
    List<String> verbs = new ArrayList<>();
    for (String line : ended.output().lines().toList()) {
      List<String> words =
          new ArrayList<>(List.of(new ObjectMapper().readValue(line, String[].class)));
      verbs.add(words.get(0));
      words.add("--dry-run");
      assertThat(DocumentedCommandsTest.fault(words)).as(line).isEmpty();
    }
    assertThat(verbs)
        .contains("prepare", "pretrain", "probe", "finetune", "evaluate", "export", "report");
  }

  @Test
  void failWithAnArgumentThatAirflowDoesNotKnow() throws Exception {
    try (Stream<Path> files = Files.walk(DAGS)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = folder.resolve("dags").resolve(DAGS.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
    Path dags = folder.resolve("dags/tubelet_dags.py");
    Files.writeString(dags, Files.readString(dags).replace("java_class=", "java_klass="));
    Ended ended = python(folder.resolve("dags"));
    assertThat(ended.code()).isNotZero();
    assertThat(ended.errors()).contains("java_klass");
  }
}
