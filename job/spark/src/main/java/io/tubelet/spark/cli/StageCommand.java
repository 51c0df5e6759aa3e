package io.tubelet.spark.cli;

import io.tubelet.spark.cluster.ClusterPlugin;
import io.tubelet.spark.cluster.ResourcePlan;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.files.Failure.LayoutException;
import io.tubelet.spark.stage.Outcome;
import io.tubelet.spark.stage.Stage;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** One verb with its options, the same for all verbs: read the configuration, run the stage. */
@Command(
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n")
final class StageCommand implements Callable<Integer> {

  /** The verbs of the job, in the order of a clip's way. */
  enum Verb {
    PREPARE("Decode videos, or make the synthetic ones, into a store of clips."),
    PRETRAIN("Train the network without labels; resumes by itself."),
    FINETUNE("Train a classifier on the pretrained encoder; resumes by itself."),
    EVALUATE("Classify the test videos, several views each."),
    DETECT(
        "Train a network that tells what people in boxes do, and take its frame mAP; resumes by"
            + " itself."),
    PREDICT(
        "Classify videos that have no labels, as CSV and Parquet; resumes by itself.",
        Map.of("--source", "predict.source", "--from", "predict.from", "--to", "predict.to")),
    RECONSTRUCT("Show clips as original, masked and reconstructed."),
    EMBED(
        "Write the frozen encoder's features of clips as Parquet; resumes by itself.",
        Map.of("--from", "embed.from")),
    PROBE("Judge frozen features by a linear classifier.", Map.of("--from", "embed.from")),
    EXPORT(
        "Write weights for Hugging Face's library or for DL4J.",
        Map.of("--format", "export.format", "--from", "export.from", "--to", "export.to")),
    IMPORT(
        "Take weights of Hugging Face's or the official names into this run.",
        Map.of("--from", "import.from")),
    REPORT("Write the run's report: one HTML file."),
    PIPELINE(
        "prepare, pretrain, finetune, evaluate (or detect, if that is set), reconstruct, report."),
    EXPERIMENT(
        "Run every arm of an experiment with every seed, and write its table; resumes by itself."),
    DOCTOR(
        "Say what this machine can compute with, or with --data what is in the corpora.",
        Map.of("--data", "")),
    PLAN("Estimate storage, network, memory and hours on a cluster."),
    BENCH(
        "Time training steps against one large matrix product on this machine.",
        Map.of("--json", "bench.json"));

    private final String description;
    private final Map<String, String> options;

    Verb(String description) {
      this(description, Map.of());
    }

    /**
     * @param options of this verb alone, and the keys that they are short for; with an empty key,
     *     the flag chooses another stage
     */
    Verb(String description, Map<String, String> options) {
      this.description = description;
      this.options = options;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Verb verb;
  private final Map<String, Stage> stages;
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

  @Option(
      names = "--print-config",
      description = "Print the resolved configuration with the origin of each value, and stop.")
  private boolean print;

  @Option(
      names = "--dry-run",
      description = "Check the configuration, print the plan in one line, and stop.")
  private boolean dryRun;

  /** With stages by verb, or by verb and flag. */
  StageCommand(Verb verb, Map<String, Stage> stages, Function<SparkConf, SparkSession> sessions) {
    this.verb = verb;
    this.stages = stages;
    this.sessions = sessions;
  }

  /** The command line of this verb, with the options that only it has. */
  CommandLine line() {
    CommandLine line = new CommandLine(this);
    line.getCommandSpec().usageMessage().description(verb.description);
    verb.options.forEach(
        (name, key) ->
            line.getCommandSpec()
                .addOption(
                    OptionSpec.builder(name)
                        .type(key.isEmpty() ? boolean.class : String.class)
                        .paramLabel("VALUE")
                        .description(
                            key.isEmpty()
                                ? "Look into the corpora."
                                : "Short for " + key + "=VALUE.")
                        .build()));
    return line;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<String> chosen = new ArrayList<>();
    String flag = "";
    for (Map.Entry<String, String> option : verb.options.entrySet()) {
      Object value = spec.commandLine().getParseResult().matchedOptionValue(option.getKey(), null);
      if (option.getValue().isEmpty()) {
        flag = Boolean.TRUE.equals(value) ? " " + option.getKey() : "";
      } else if (value != null) {
        chosen.add(option.getValue() + "=" + value);
      }
    }
    chosen.addAll(overrides);
    JobConfig config =
        JobConfig.load(file, chosen, SparkHadoopUtil.get().newConfiguration(new SparkConf()));
    PrintWriter out = spec.commandLine().getOut();
    if (print) {
      out.print(config.run().resolved());
    } else if (dryRun) {
      out.println(Plan.line(verb, !flag.isEmpty(), config));
      SparkConf conf = new SparkConf();
      ResourcePlan plan = Plan.resources(verb, config, conf);
      if (conf.contains("spark.master")) { // without one there is nothing to share out
        plan.lines().forEach(out::println);
      }
    } else {
      return run(stages.get(verb.word() + flag), config).code();
    }
    return ExitCode.OK.code();
  }

  private ExitCode run(Stage stage, JobConfig config) throws IOException, InterruptedException {
    SparkConf conf =
        ClusterPlugin.in(new SparkConf())
            .setAppName("tubelet " + verb.word() + " " + config.run().name());
    ResourcePlan plan = Plan.resources(verb, config, conf);
    plan.warnings().forEach(warning -> spec.commandLine().getErr().println("tubelet: " + warning));
    plan.settings().forEach(conf::set);
    try (SparkSession spark = start(conf)) {
      Outcome outcome = stage.run(config, spark);
      spec.commandLine().getOut().println(verb.word() + ": " + outcome.message());
      return switch (outcome.status()) {
        case DONE, ALREADY_DONE -> ExitCode.OK;
        case INTERRUPTED -> ExitCode.RESUME;
      };
    }
  }

  /** What Spark does not start with is the cluster's, or a setting of it. */
  private SparkSession start(SparkConf conf) {
    try {
      SparkSession spark = sessions.apply(conf);
      if (spark != null && spark.sparkContext().isStopped()) {
        throw new IllegalStateException("nobody answers at " + spark.sparkContext().master());
      }
      return spark;
    } catch (Exception e) { // Scala throws checked exceptions without declaring them
      throw new LayoutException(List.of("Spark does not start: " + e.getMessage()));
    }
  }
}
