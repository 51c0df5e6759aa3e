package io.tubelet.spark.stage;

import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.config.JobConfig.Init;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.files.Failure.DataException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code finetune}: the encoder with a classifier on top learns labels, from pretrained weights
 * and, for comparison, with the same budget from weights that are drawn.
 */
final class FinetuneStage implements Stage {
  static final String PRETRAINED = "finetune";
  static final String UNPRETRAINED = "unpretrained";
  static final String SCRATCH = "scratch";

  /** What this stage can train, in the order of reports. */
  static final List<String> MODELS = List.of(PRETRAINED, UNPRETRAINED, SCRATCH);

  /** The training that the settings want first. */
  static String model(JobConfig.Finetuning settings) {
    return settings.from().equals(SCRATCH) ? drawn(settings.init()) : PRETRAINED;
  }

  private static String drawn(Init init) {
    return init == Init.XAVIER ? UNPRETRAINED : SCRATCH;
  }

  /** Those that the settings want, of {@link #MODELS}. */
  static List<String> models(JobConfig.Finetuning settings) {
    List<String> names = new ArrayList<>(List.of(model(settings)));
    if (names.contains(PRETRAINED)) {
      settings.compare().forEach(init -> names.add(drawn(init)));
    }
    return names;
  }

  @Override
  public Outcome run(Run run) throws IOException, InterruptedException {
    return Stage.each(models(run.config().finetune()), name -> train(run, name));
  }

  private static Outcome train(Run run, String name) throws IOException, InterruptedException {
    JobConfig.Finetuning settings = run.config().finetune();
    TrainingData data = TrainingData.of(run, Role.TRAIN);
    Labels labels = requireLearnable(run.config(), data.place(), data.labels());
    CheckpointSelection selection = new CheckpointSelection(run, name, labels);
    Outcome outcome =
        new TrainingStage(
                run,
                name,
                data,
                settings.training(),
                run.network(labels.size()),
                settings.labelSmoothing(),
                name.equals(PRETRAINED) ? settings.from() : "",
                selection.validation())
            .train(layout -> first(run, layout, labels, name)::get);
    if (outcome.status() != Outcome.Status.INTERRUPTED) {
      selection.keepAverage();
    }
    return outcome;
  }

  /** The classes of what is trained on; one that flipped clips alone had would be a typo. */
  static Labels requireLearnable(JobConfig config, String place, Labels labels) {
    if (labels.size() < 2) {
      throw new DataException(
          "%s has %d classes, a classifier needs two: %s"
              .formatted(place, labels.size(), labels.names()));
    }
    config.finetune().training().augmentation().flips().stream()
        .flatMap(flip -> flip.swaps().keySet().stream())
        .filter(label -> !labels.names().contains(label))
        .findFirst()
        .ifPresent(
            label -> {
              throw new DataException(
                  "finetune.augmentation.flips: no clip has the label '%s'; there are %s"
                      .formatted(label, labels.names()));
            });
    return labels;
  }

  /** The first weights of one of {@link #MODELS}. */
  static Parameters first(Run run, ParameterLayout layout, Labels labels, String name) {
    long seed = run.config().run().seed();
    return switch (name) {
      case SCRATCH -> Parameters.draw(layout, seed);
      case UNPRETRAINED -> Parameters.draw(ParameterLayout.of(layout.model(), true), seed);
      default ->
          WeightFiles.open(run.hadoop(), run.checkpoint(run.config().finetune().from()))
              .weights(layout.model(), labels, seed);
    };
  }
}
