package io.tubelet.spark.cli;

import io.tubelet.spark.cluster.ResourcePlan;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.stage.Outcome;
import io.tubelet.spark.stage.Stage;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
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
  private final Function<SparkConf, SparkSession> sessions;

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

  private final List<String> chosen = new ArrayList<>();

  @Option(
      names = "--print-config",
      description = "Print the resolved configuration with the origin of each value, and stop.")
  private boolean print;

  @Option(
      names = "--dry-run",
      description = "Check the configuration, print the plan in one line, and stop.")
  private boolean dryRun;

  StageCommand(Verb verb, Stage stage, Function<SparkConf, SparkSession> sessions) {
    this.verb = verb;
    this.stage = stage;
    this.sessions = sessions;
  }

  /** The command line of this verb, with the options that only it has. */
  CommandLine line() {
    CommandLine line = new CommandLine(this);
    verb.options().forEach((name, key) -> line.getCommandSpec().addOption(option(name, key)));
    line.getCommandSpec().usageMessage().description(verb.description());
    return line;
  }

  /** An option that stands for {@code key}, or without a value for {@code key=value}. */
  private OptionSpec option(String name, String key) {
    boolean whole = key.contains("=");
    return OptionSpec.builder(name)
        .type(whole ? boolean.class : String.class)
        .paramLabel("VALUE")
        .description("Short for %s.".formatted(whole ? key : key + "=VALUE"))
        .setter(
            new ISetter() {
              @Override
              public <T> T set(T value) {
                if (value != null && !Boolean.FALSE.equals(value)) {
                  chosen.add(whole ? key : key + "=" + value);
                }
                return null;
              }
            })
        .build();
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    chosen.addAll(overrides);
    JobConfig config =
        JobConfig.load(file, chosen, SparkHadoopUtil.get().newConfiguration(new SparkConf()));
    PrintWriter out = spec.commandLine().getOut();
    if (print) {
      out.print(config.run().resolved());
    } else if (dryRun) {
      out.println(Plan.line(verb, config));
      SparkConf conf = new SparkConf();
      ResourcePlan plan = Plan.resources(verb, config, conf);
      if (conf.contains("spark.master")) { // without one there is nothing to share out
        plan.lines().forEach(out::println);
      }
    } else {
      return run(config, out, spec.commandLine().getErr()).code();
    }
    return ExitCode.OK.code();
  }

  private ExitCode run(JobConfig config, PrintWriter out, PrintWriter err)
      throws IOException, InterruptedException {
    SparkConf conf =
        new SparkConf().setAppName("tubelet " + verb.word() + " " + config.run().name());
    ResourcePlan plan = Plan.resources(verb, config, conf);
    plan.warnings().forEach(warning -> err.println("tubelet: " + warning));
    plan.settings().forEach(conf::set);
    try (SparkSession spark = sessions.apply(conf)) {
      Outcome outcome = stage.run(config, spark);
      out.println(verb.word() + ": " + outcome.message());
      return switch (outcome.status()) {
        case DONE, ALREADY_DONE -> ExitCode.OK;
        case INTERRUPTED -> ExitCode.RESUME;
      };
    }
  }
}
