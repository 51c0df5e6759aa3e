package io.tubelet.spark.stage;

import io.tubelet.spark.config.JobConfig;
import java.io.IOException;
import java.util.Iterator;
import org.apache.spark.sql.SparkSession;

/** One verb of the job. Running a stage again after a failure, or after success, is always safe. */
@FunctionalInterface
public interface Stage {
  /**
   * Does the work, except for what is done already. What it cannot do it refuses by a {@link
   * io.tubelet.spark.files.Failure}; it is interrupted if the run was asked to stop.
   */
  Outcome run(Run run) throws IOException, InterruptedException;

  default Outcome run(JobConfig config, SparkSession spark)
      throws IOException, InterruptedException {
    return run(new Run(config, spark));
  }

  /** A part of a stage's work. */
  interface Work<T> {
    Outcome on(T one) throws IOException, InterruptedException;
  }

  /** One after the other, until one is interrupted; there is at least one. */
  static <T> Outcome each(Iterable<T> all, Work<T> work) throws IOException, InterruptedException {
    Iterator<T> left = all.iterator();
    Outcome outcome = work.on(left.next());
    while (left.hasNext() && outcome.status() != Outcome.Status.INTERRUPTED) {
      outcome = outcome.and(work.on(left.next()));
    }
    return outcome;
  }

  /** A stage of another module, found by {@link java.util.ServiceLoader}. */
  interface Added extends Stage {
    String verb();
  }
}
