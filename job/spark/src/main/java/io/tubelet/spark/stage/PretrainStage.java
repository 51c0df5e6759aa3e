package io.tubelet.spark.stage;

import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.store.Labels;
import io.tubelet.training.TrainState;
import java.io.IOException;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** {@code pretrain}: the masked autoencoder learns to reconstruct hidden cubes. */
final class PretrainStage implements Stage {
  static final String NAME = "pretrain";

  @Override
  public Outcome run(JobConfig config, SparkSession spark)
      throws IOException, InterruptedException {
    ModelSpec model = config.model().spec();
    TrainingStage training =
        new TrainingStage(
            NAME,
            Role.PRETRAIN,
            model,
            config.pretrain(),
            TrainingStage.presentation(
                config, config.pretrain(), config.model().masking(), new Labels(List.of()), 0));
    ParameterLayout layout = ParameterLayout.of(model);
    return training.run(
        config, spark, () -> TrainState.start(Parameters.draw(layout, config.run().seed())));
  }
}
