package io.tubelet.spark.stage;

import io.tubelet.spark.config.JobConfig;
import java.io.IOException;
import org.apache.spark.sql.SparkSession;

/** One verb of the job. Running a stage again after a failure, or after success, is always safe. */
@FunctionalInterface
public interface Stage {
  /**
   * Does the work.
   *
   * @throws io.tubelet.spark.failure.DataException if a source or a store cannot be used as it is
   * @throws io.tubelet.spark.failure.BudgetException if too many sources gave nothing
   * @throws io.tubelet.spark.failure.StateException if a checkpoint or a store is damaged or of
   *     another shape
   * @throws io.tubelet.engine.EngineUnavailableException if nothing can compute
   * @throws InterruptedException if the run was asked to stop
   */
  Outcome run(JobConfig config, SparkSession spark) throws IOException, InterruptedException;

  /** A stage of another module, found by {@link java.util.ServiceLoader}. */
  interface Added extends Stage {
    /** The verb that runs it. */
    String verb();
  }
}
