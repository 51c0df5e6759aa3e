package io.tubelet.spark.cli;

import io.tubelet.engine.EngineProvider.EngineUnavailableException;
import io.tubelet.spark.config.InvalidConfigException;
import io.tubelet.spark.files.Failure.AccuracyException;
import io.tubelet.spark.files.Failure.BudgetException;
import io.tubelet.spark.files.Failure.BusyException;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.files.Failure.DivergedException;
import io.tubelet.spark.files.Failure.LayoutException;
import io.tubelet.spark.files.Failure.StateException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FSError;

/** What the process tells the shell and the scheduler. Only 1 comes with a stack trace. */
enum ExitCode {
  OK(0, "done, or done before"),
  INTERNAL(1, "internal error"),
  USAGE(2, "wrong usage or configuration", InvalidConfigException.class, LayoutException.class),
  DATA(3, "data missing or unusable", DataException.class),
  BUDGET(4, "failure budget exceeded", BudgetException.class),
  ENGINE(5, "engine unavailable", EngineUnavailableException.class),
  STATE(6, "checkpoint or store unreadable, unwritable or of another shape", StateException.class),
  DIVERGED(7, "training diverged, also at lower rates", DivergedException.class),
  BUSY(8, "another process writes this run", BusyException.class),
  ACCURACY(9, "accuracy below evaluate.least-top1", AccuracyException.class),
  RESUME(10, "interrupted: run the same command to resume", InterruptedException.class);

  private final int code;
  private final String meaning;
  private final List<Class<?>> causes;

  ExitCode(int code, String meaning, Class<?>... causes) {
    this.code = code;
    this.meaning = meaning;
    this.causes = List.of(causes);
  }

  int code() {
    return code;
  }

  List<Class<?>> causes() {
    return causes;
  }

  /** What an exception means for the process, by that of its causes that says why. */
  record Failure(ExitCode exit, String message) {}

  /** Looks through the causes for one that has a code, then for a fault of the surroundings. */
  static Failure of(Throwable thrown) {
    return causesOf(thrown)
        .flatMap(
            cause ->
                Stream.of(values())
                    .filter(exit -> exit.causes.stream().anyMatch(type -> type.isInstance(cause)))
                    .map(exit -> new Failure(exit, cause.getMessage())))
        .findFirst()
        .or(() -> causesOf(thrown).flatMap(cause -> surroundings(cause).stream()).findFirst())
        .orElse(new Failure(INTERNAL, thrown.toString()));
  }

  private static Stream<Throwable> causesOf(Throwable thrown) {
    return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause);
  }

  /** What no stage has a name for, but is the machine's or the cluster's fault. */
  private static Optional<Failure> surroundings(Throwable cause) {
    String line = // where tasks meet, Spark names the executor that it lost in a later one
        cause
            .toString()
            .lines()
            .min(Comparator.comparing(text -> !text.contains("ExecutorLostFailure")))
            .orElse("")
            .replaceFirst("^([\\w.]*\\.IOException: |[\\w.]*\\.)", "");
    if (cause instanceof InterruptedIOException || cause instanceof ClosedByInterruptException) {
      return Optional.of(new Failure(RESUME, line));
    } else if (cause instanceof IOException || cause instanceof FSError) {
      return Optional.of(new Failure(STATE, line));
    } else if (cause instanceof OutOfMemoryError) {
      String more = "; raise TUBELET_DRIVER_MEMORY (of the driver) or TUBELET_EXECUTOR_MEMORY";
      return Optional.of(new Failure(USAGE, line + more));
    } else if (cause instanceof UnsatisfiedLinkError || line.contains("not initialize class")) {
      String hint = " (is the folder TUBELET_CACHE mounted noexec?)";
      return Optional.of(new Failure(ENGINE, "a native library does not load: " + line + hint));
    } else if (line.contains("ExecutorLostFailure")
        || line.contains("SparkContext was shut down")) {
      return Optional.of(new Failure(ENGINE, "the cluster ended the work: " + line));
    } else if (cause instanceof ClassNotFoundException) {
      return Optional.of(new Failure(USAGE, "a library is missing, see deploy/README.md: " + line));
    } else if (line.contains("stopped SparkContext")) {
      return Optional.of(new Failure(ENGINE, "Spark has stopped; does its master answer?"));
    }
    return Optional.empty();
  }

  static Map<String, String> meanings() {
    Map<String, String> meanings = new LinkedHashMap<>();
    Stream.of(values()).forEach(exit -> meanings.put(Integer.toString(exit.code), exit.meaning));
    return meanings;
  }
}
