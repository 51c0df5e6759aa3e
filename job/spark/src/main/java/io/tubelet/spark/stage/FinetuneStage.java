package io.tubelet.spark.stage;

import io.tubelet.augment.Augmentation;
import io.tubelet.masking.Masking.NoMasking;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.FinetuneConfig;
import io.tubelet.spark.config.FinetuneConfig.Start;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.failure.DataException;
import io.tubelet.spark.failure.StateException;
import io.tubelet.spark.run.Checkpoints;
import io.tubelet.spark.run.RunFolder;
import io.tubelet.spark.store.Labels;
import io.tubelet.training.TrainState;
import java.io.IOException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * {@code finetune}: the encoder with a classifier on top learns labels, from pretrained weights
 * and, for comparison, with the same budget from random ones.
 */
final class FinetuneStage implements Stage {
  static final String PRETRAINED = "finetune";
  static final String SCRATCH = "scratch";

  @Override
  public Outcome run(JobConfig config, SparkSession spark)
      throws IOException, InterruptedException {
    Start from = config.finetune().from();
    Outcome outcome =
        from instanceof Start.Scratch
            ? train(config, spark, SCRATCH, from)
            : train(config, spark, PRETRAINED, from);
    if (!(from instanceof Start.Scratch) && config.finetune().compareScratch()) {
      Outcome scratch = train(config, spark, SCRATCH, new Start.Scratch());
      outcome = outcome.and(scratch);
    }
    return outcome;
  }

  private static Outcome train(JobConfig config, SparkSession spark, String name, Start from)
      throws IOException, InterruptedException {
    FinetuneConfig settings = config.finetune();
    Labels labels = labels(TrainingData.of(config, spark, Role.TRAIN));
    requireKnown(settings.training().augmentation(), labels);
    ModelSpec model = config.model().spec().classifier(labels.size());
    TrainingStage training =
        new TrainingStage(
            name,
            Role.TRAIN,
            model,
            settings.training(),
            TrainingStage.presentation(
                config, settings.training(), new NoMasking(), labels, settings.labelSmoothing()));
    Outcome outcome =
        training.run(config, spark, () -> TrainState.start(first(config, spark, model, from)));
    if (outcome.status() != Outcome.Status.INTERRUPTED) {
      new Choice(config, spark, name, model, labels).make();
    }
    return outcome;
  }

  /** The classes of what is trained on, in the classifier's order. */
  static Labels labels(TrainingData data) {
    Labels labels = data.labels();
    if (labels.size() < 2) {
      throw new StateException(
          "%s has %d classes, a classifier needs two: %s"
              .formatted(data.place(), labels.size(), labels.names()));
    }
    return labels;
  }

  /**
   * A class that nothing shows would be learnt from clips turned round alone: more likely a typo.
   */
  private static void requireKnown(Augmentation augmentation, Labels labels) {
    augmentation.reflections().stream()
        .flatMap(reflection -> reflection.swaps().keySet().stream())
        .filter(label -> !labels.names().contains(label))
        .findFirst()
        .ifPresent(
            label -> {
              throw new DataException(
                  "finetune.augmentation.reflections: no clip has the label '%s'; there are %s"
                      .formatted(label, labels.names()));
            });
  }

  private static Parameters first(
      JobConfig config, SparkSession spark, ModelSpec model, Start from) {
    ParameterLayout layout = ParameterLayout.of(model);
    long seed = config.run().seed();
    if (from instanceof Start.Scratch) {
      return Parameters.draw(layout, seed);
    }
    RunFolder folder = TrainingStage.folder(config, spark);
    ParameterLayout pretrained = ParameterLayout.of(config.model().spec());
    return Checkpoints.weights(folder.hadoop(), checkpoint(folder, from), pretrained)
        .transferTo(layout, seed);
  }

  private static Path checkpoint(RunFolder folder, Start from) {
    if (from instanceof Start.Checkpoint checkpoint) {
      return new Path(checkpoint.path());
    }
    return folder
        .checkpoints(PretrainStage.NAME)
        .newest()
        .orElseThrow(
            () ->
                new StateException(
                    "no pretraining checkpoint in %s: run `pretrain` first, or set finetune.from"
                        .formatted(folder.file(PretrainStage.NAME))));
  }
}
