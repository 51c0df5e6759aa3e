package io.tubelet.spark.stage;

import io.tubelet.augment.Augmentation;
import io.tubelet.masking.Masking.NoMasking;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.files.Failure.StateException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code finetune}: the encoder with a classifier on top learns labels, from pretrained weights
 * and, for comparison, with the same budget from random ones.
 */
final class FinetuneStage implements Stage {
  static final String PRETRAINED = "finetune";
  static final String SCRATCH = "scratch";

  /** What this stage can train, in the order of reports. */
  static final List<String> MODELS = List.of(PRETRAINED, SCRATCH);

  @Override
  public Outcome run(Run run) throws IOException, InterruptedException {
    JobConfig.Finetuning settings = run.config().finetune();
    boolean pretrained = !settings.from().equals(SCRATCH);
    List<Stage> trainings = new ArrayList<>();
    if (pretrained) {
      trainings.add(of -> train(of, PRETRAINED, settings.from()));
    }
    if (!pretrained || settings.compareScratch()) {
      trainings.add(of -> train(of, SCRATCH, SCRATCH));
    }
    return Stage.inTurn(trainings).run(run);
  }

  private static Outcome train(Run run, String name, String from)
      throws IOException, InterruptedException {
    JobConfig.Finetuning settings = run.config().finetune();
    TrainingData data = TrainingData.of(run.config(), run.session(), Role.TRAIN);
    Labels labels = labels(data);
    requireKnown(settings.training().augmentation(), labels);
    Outcome outcome =
        new TrainingStage(
                run,
                name,
                data,
                settings.training(),
                new NoMasking(),
                labels,
                settings.labelSmoothing())
            .train(layout -> first(run, layout, labels, from));
    if (outcome.status() != Outcome.Status.INTERRUPTED) {
      new CheckpointSelection(run, name, labels).make();
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

  /** A class that no clip has would be learnt from flipped clips alone: more likely a typo. */
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

  private static Parameters first(Run run, ParameterLayout layout, Labels labels, String from) {
    long seed = run.config().run().seed();
    return from.equals(SCRATCH)
        ? Parameters.draw(layout, seed)
        : WeightFiles.open(run.hadoop(), run.checkpoint(from))
            .weights(layout.model(), labels, seed);
  }
}
