package io.tubelet.spark.cli;

import io.tubelet.spark.cli.StageCommand.Verb;
import io.tubelet.spark.stage.Stage;
import io.tubelet.spark.stage.Stages;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ServerSocket;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.SparkUserAppException;
import org.apache.spark.package$;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The program: {@code tubelet VERB [--config FILE] [key=value …]}. Whatever goes wrong and has a
 * name becomes one line on standard error and an {@link ExitCode}.
 */
@Command(
    name = "tubelet",
    description = "VideoMAE pretraining as a job on Apache Spark.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "VERB",
    commandListHeading = "%nVerbs:%n",
    exitCodeListHeading = "%nExit codes:%n")
public final class Main implements Runnable {
  /** Versions of the job and of what it runs on. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String own = Main.class.getPackage().getImplementationVersion();
      return new String[] {
        "tubelet %s, Spark %s, Java %s"
            .formatted(
                Objects.requireNonNullElse(own, "(built from classes)"),
                package$.MODULE$.SPARK_VERSION(),
                Runtime.version())
      };
    }
  }

  @Spec private CommandSpec spec;

  private Main() {}

  /** Runs one verb and ends the process, or tells a cluster that runs the driver how it ended. */
  public static void main(String[] args) throws SparkException {
    String names = System.getProperty("sun.jnu.encoding");
    if (!names.equals("UTF-8")) {
      System.err.printf("tubelet: file names are read as %s: set LC_ALL=C.UTF-8%n", names);
      end(ExitCode.USAGE.code());
    }
    CommandLine commands = commands(Stages.all(), Main::session);
    end(Interruption.guard(() -> commands.execute(args)));
  }

  /** YARN takes the exit of a driver in its container for a crash, and starts it again. */
  static void end(int code) throws SparkException {
    if (!"cluster".equals(System.getProperty("spark.submit.deployMode"))) {
      System.exit(code);
    } else if (code != ExitCode.OK.code()) {
      throw new SparkUserAppException(code);
    }
  }

  /** The command line over stages by their verbs, and what makes an application's session. */
  static CommandLine commands(
      Map<String, Stage> stages, Function<SparkConf, SparkSession> sessions) {
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // some locales have digits of their own
    CommandLine commands = new CommandLine(new Main());
    for (Verb verb : Verb.values()) {
      if (stages.containsKey(verb.word())) {
        commands.addSubcommand(verb.word(), new StageCommand(verb, stages, sessions).line());
      }
    }
    commands.getSubcommands().values().forEach(Main::explain);
    explain(commands);
    return commands
        .setExpandAtFiles(false)
        .setParameterExceptionHandler((e, args) -> usage(e))
        .setExecutionStrategy(
            parsed -> {
              try {
                return new CommandLine.RunLast().execute(parsed);
              } catch (Error e) { // a full disk or heap, a library that does not load
                return failure(e, commands.getErr());
              }
            })
        .setExecutionExceptionHandler((e, command, parsed) -> failure(e, command.getErr()));
  }

  private static void explain(CommandLine command) {
    command.getCommandSpec().usageMessage().exitCodeList(ExitCode.meanings());
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a verb is missing");
  }

  private static int usage(ParameterException e) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    List<String> near =
        e instanceof UnmatchedArgumentException words ? words.getSuggestions() : List.of();
    String hint = near.isEmpty() ? "" : "; did you mean %s?".formatted(near.get(0));
    e.getCommandLine()
        .getErr()
        .printf("tubelet: %s%s; see %s --help%n", e.getMessage(), hint, command);
    return ExitCode.USAGE.code();
  }

  private static int failure(Throwable thrown, PrintWriter err) {
    ExitCode.Failure failure = ExitCode.of(thrown);
    switch (failure.exit()) {
      case INTERNAL -> {
        err.println("tubelet: internal error: " + failure.message());
        thrown.printStackTrace(err);
      }
      case RESUME -> err.println("tubelet: interrupted; rerun the same command to resume");
      default -> err.println("tubelet: " + failure.message());
    }
    err.flush();
    return failure.exit().code();
  }

  /** Spark would warn of each port that is taken, and end the process after sixteen. */
  static void freePort(SparkConf conf) {
    try (ServerSocket free = new ServerSocket(conf.getInt("spark.ui.port", 4040))) {
      conf.set("spark.ui.port", Integer.toString(free.getLocalPort()));
    } catch (IOException e) {
      conf.set("spark.ui.port", "0");
    }
  }

  /** Where spark-submit or the environment names no master, this machine with all its cores. */
  private static SparkSession session(SparkConf conf) {
    conf.setIfMissing("spark.master", "local[*]");
    freePort(conf);
    if (System.getProperty("log4j2.configurationFile") == null) {
      conf.setIfMissing("spark.log.level", "WARN");
    }
    return SparkSession.builder().config(conf).getOrCreate();
  }
}
