package io.tubelet.spark.cli;

import io.tubelet.engine.EngineUnavailableException;
import io.tubelet.spark.config.InvalidConfigException;
import io.tubelet.spark.failure.BudgetException;
import io.tubelet.spark.failure.BusyException;
import io.tubelet.spark.failure.DataException;
import io.tubelet.spark.failure.DivergedException;
import io.tubelet.spark.failure.LayoutException;
import io.tubelet.spark.failure.StateException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the process tells the shell and the scheduler. Only 1 comes with a stack trace. */
public enum ExitCode {
  /** Done, or done before. */
  OK(0, "done, or done before", List.of()),
  /** A fault of the program. */
  INTERNAL(1, "internal error", List.of()),
  /** The command line or the configuration. */
  USAGE(
      2,
      "wrong usage or configuration",
      List.of(InvalidConfigException.class, LayoutException.class)),
  /** Data that is missing or cannot be used. */
  DATA(3, "data missing or unusable", List.of(DataException.class)),
  /** Too many sources gave nothing. */
  BUDGET(4, "failure budget exceeded", List.of(BudgetException.class)),
  /** Nothing can compute where the configuration wants it. */
  ENGINE(5, "engine unavailable", List.of(EngineUnavailableException.class)),
  /** A checkpoint or a store that is damaged or of another shape. */
  STATE(
      6,
      "checkpoint or store unreadable, unwritable or of another shape",
      List.of(StateException.class)),
  /** No finite numbers any more. */
  DIVERGED(7, "training diverged, also at lower rates", List.of(DivergedException.class)),
  /** Two processes, one run. */
  BUSY(8, "another process writes this run", List.of(BusyException.class)),
  /** Asked to stop; the same command goes on from there. */
  RESUME(10, "interrupted: run the same command to resume", List.of(InterruptedException.class));

  private final int code;
  private final String meaning;
  private final List<Class<? extends Throwable>> causes;

  ExitCode(int code, String meaning, List<Class<? extends Throwable>> causes) {
    this.code = code;
    this.meaning = meaning;
    this.causes = causes;
  }

  /** The number. */
  public int code() {
    return code;
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
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      Optional<ExitCode> exit = known(cause);
      if (exit.isPresent()) {
        return new Failure(exit.get(), cause);
      }
    }
    return new Failure(INTERNAL, thrown);
  }

  private static Optional<ExitCode> known(Throwable cause) {
    return Arrays.stream(values())
        .filter(exit -> exit.causes.stream().anyMatch(type -> type.isInstance(cause)))
        .findFirst();
  }

  /** What ends the process with this code. */
  List<Class<? extends Throwable>> causes() {
    return causes;
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
