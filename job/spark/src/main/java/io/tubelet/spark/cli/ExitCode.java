package io.tubelet.spark.cli;

import io.tubelet.engine.EngineProvider.EngineUnavailableException;
import io.tubelet.spark.config.InvalidConfigException;
import io.tubelet.spark.files.Failure.BudgetException;
import io.tubelet.spark.files.Failure.BusyException;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.files.Failure.DivergedException;
import io.tubelet.spark.files.Failure.LayoutException;
import io.tubelet.spark.files.Failure.StateException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

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

  /** What ends the process with this code. */
  List<Class<?>> causes() {
    return causes;
  }

  /**
   * An exception, and what it means for the process.
   *
   * @param exit the code
   * @param cause the exception whose message tells a person why; below Spark's wrapping
   */
  record Failure(ExitCode exit, Throwable cause) {}

  /** Looks through the causes for one that has a code. */
  static Failure of(Throwable thrown) {
    return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
        .flatMap(
            cause ->
                Stream.of(values())
                    .filter(exit -> exit.causes.stream().anyMatch(type -> type.isInstance(cause)))
                    .map(exit -> new Failure(exit, cause)))
        .findFirst()
        .orElse(new Failure(INTERNAL, thrown));
  }

  /** Code to meaning, for the help text. */
  static Map<String, String> meanings() {
    Map<String, String> meanings = new LinkedHashMap<>();
    for (ExitCode exit : values()) {
      meanings.put(Integer.toString(exit.code), exit.meaning);
    }
    return meanings;
  }
}
