package io.tubelet.spark.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.deploy.SparkSubmitArguments;
import scala.collection.JavaConverters;

/** {@code deploy/submit.sh}, and what Spark makes of what it prints. */
final class SubmitScript {
  static final Path PROJECT = Path.of("../..").toAbsolutePath().normalize();

  private SubmitScript() {}

  /** How it ended. */
  record Ended(int code, String output) {
    /** The command of a dry run; the plan follows only where the job is built. */
    String command() {
      return output.lines().findFirst().orElse("");
    }
  }

  /** Settings from words such as {@code A=1 B=2}. */
  static Map<String, String> environment(String words) {
    Map<String, String> environment = new HashMap<>();
    for (String word : List.of(words.split(" ", -1))) {
      int equals = word.indexOf('=');
      environment.put(word.substring(0, equals), word.substring(equals + 1));
    }
    return environment;
  }

  static Ended run(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("bash", PROJECT.resolve("deploy/submit.sh").toString());
    builder.command().addAll(List.of(arguments));
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("TUBELET_") || name.endsWith("_CONF_DIR"));
    builder.environment().remove("SPARK_HOME");
    builder.environment().putAll(environment);
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), output);
  }

  /** What Spark's own parser makes of the command that a dry run prints. */
  static SparkSubmitArguments parse(String environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--dry-run");
    return parse(environment(environment), all.toArray(String[]::new));
  }

  /** The same of a whole dry run. */
  static SparkSubmitArguments parse(Map<String, String> environment, String[] arguments)
      throws IOException, InterruptedException {
    List<String> words = words(run(environment, arguments).command());
    return Preflight.parse(words.subList(1, words.size()), environment);
  }

  /** The words of a line as the shell reads them. */
  private static List<String> words(String line) throws IOException, InterruptedException {
    Process shell = new ProcessBuilder("bash", "-c", "printf '%s\\0' " + line).start();
    String words = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    shell.waitFor();
    List<String> split = new ArrayList<>(List.of(words.split("\0", -1)));
    split.remove(split.size() - 1);
    return split;
  }

  /** The job's own arguments. */
  static List<String> job(SparkSubmitArguments read) {
    return JavaConverters.seqAsJavaList(read.childArgs());
  }
}
