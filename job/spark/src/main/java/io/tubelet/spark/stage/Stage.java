package io.tubelet.spark.stage;

import io.tubelet.spark.config.JobConfig;
import java.io.IOException;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** One verb of the job. Running a stage again after a failure, or after success, is always safe. */
@FunctionalInterface
public interface Stage {
  /**
   * Does the work, except for what is done already.
   *
   * @throws io.tubelet.spark.files.Failure.DataException if a source or a store cannot be used as
   *     it is
   * @throws io.tubelet.spark.files.Failure.BudgetException if too many sources gave nothing
   * @throws io.tubelet.spark.files.Failure.StateException if a checkpoint or a store is damaged or
   *     of another shape
   * @throws io.tubelet.engine.EngineProvider.EngineUnavailableException if nothing can compute
   * @throws InterruptedException if the run was asked to stop
   */
  Outcome run(Run run) throws IOException, InterruptedException;

  /** Does the work of a run with these settings. */
  default Outcome run(JobConfig config, SparkSession spark)
      throws IOException, InterruptedException {
    return run(new Run(config, spark));
  }

  /**
   * Stages one after the other, until one is interrupted.
   *
   * @param stages one or more
   */
  static Stage inTurn(List<Stage> stages) {
    return run -> {
      Outcome all = stages.get(0).run(run);
      for (Stage next : stages.subList(1, stages.size())) {
        if (all.status() != Outcome.Status.INTERRUPTED) {
          all = all.and(next.run(run));
        }
      }
      return all;
    };
  }

  /** A stage of another module, found by {@link java.util.ServiceLoader}. */
  interface Added extends Stage {
    /** The verb that runs it. */
    String verb();
  }
}
