package io.tubelet.spark.stage;

import io.tubelet.model.Parameters;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.train.TrainingRun.Validation;
import java.io.IOException;
import java.util.List;

/** {@code pretrain}: the masked autoencoder learns to reconstruct hidden cubes. */
final class PretrainStage implements Stage {
  static final String NAME = "pretrain";

  @Override
  public Outcome run(Run run) throws IOException, InterruptedException {
    JobConfig config = run.config();
    TrainingData data = TrainingData.of(config, run.session(), Role.PRETRAIN);
    Labels none = new Labels(List.of());
    return new TrainingStage(
            run,
            NAME,
            data,
            config.pretrain(),
            config.model().masking(),
            none,
            0,
            "",
            Validation.NONE)
        .train(layout -> tensor -> Parameters.draw(layout, tensor, config.run().seed()));
  }
}
