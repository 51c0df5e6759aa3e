package io.tubelet.spark.cli;

import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.stage.Outcome;
import io.tubelet.spark.stage.Stage;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** One verb with its options, the same for all verbs: read the configuration, run the stage. */
@Command(
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n")
final class StageCommand implements Callable<Integer> {
  private final Verb verb;
  private final Stage stage;
  private final Function<String, SparkSession> sessions;

  @Spec private CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      defaultValue = "",
      description = "HOCON file: a local path, or any Hadoop URI. Without it, the defaults.")
  private String file;

  @Parameters(
      paramLabel = "key=value",
      arity = "0..*",
      description = "Settings that override the file, such as pretrain.epochs=20.")
  private List<String> overrides = List.of();

  @Option(
      names = "--print-config",
      description = "Print the resolved configuration with the origin of each value, and stop.")
  private boolean print;

  @Option(
      names = "--dry-run",
      description = "Check the configuration, print the plan in one line, and stop.")
  private boolean dryRun;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Of bench: write the figures there too; the same as bench.json=FILE.")
  private String json;

  StageCommand(Verb verb, Stage stage, Function<String, SparkSession> sessions) {
    this.verb = verb;
    this.stage = stage;
    this.sessions = sessions;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    JobConfig config =
        JobConfig.load(file, settings(), SparkHadoopUtil.get().newConfiguration(new SparkConf()));
    PrintWriter out = spec.commandLine().getOut();
    if (print) {
      out.print(config.run().resolved());
    } else if (dryRun) {
      out.println(Plan.line(verb, config));
    } else {
      return run(config, out).code();
    }
    return ExitCode.OK.code();
  }

  private List<String> settings() {
    if (json == null) {
      return overrides;
    }
    if (verb != Verb.BENCH) {
      throw new ParameterException(spec.commandLine(), "--json belongs to bench");
    }
    return Stream.concat(overrides.stream(), Stream.of("bench.json=" + json)).toList();
  }

  private ExitCode run(JobConfig config, PrintWriter out) throws IOException, InterruptedException {
    try (SparkSession spark =
        sessions.apply("tubelet " + verb.word() + " " + config.run().name())) {
      Outcome outcome = stage.run(config, spark);
      out.println(verb.word() + ": " + outcome.message());
      return switch (outcome.status()) {
        case DONE, ALREADY_DONE -> ExitCode.OK;
        case INTERRUPTED -> ExitCode.RESUME;
      };
    }
  }
}
