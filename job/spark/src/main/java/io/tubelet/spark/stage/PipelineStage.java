package io.tubelet.spark.stage;

import io.tubelet.spark.config.JobConfig;
import java.io.IOException;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/**
 * {@code pipeline}: one stage after the other; what is done already is passed over. Each says what
 * came of it, the pipeline what came of the last.
 */
record PipelineStage(List<Stage> stages) implements Stage {

  @Override
  public Outcome run(JobConfig config, SparkSession spark)
      throws IOException, InterruptedException {
    Outcome all = Outcome.alreadyDone("");
    for (Stage stage : stages) {
      Outcome outcome = stage.run(config, spark);
      System.out.println(outcome.message());
      all = new Outcome(all.and(outcome).status(), outcome.message());
      if (outcome.status() == Outcome.Status.INTERRUPTED) {
        return all;
      }
    }
    return all;
  }
}
