package io.tubelet.spark.stage;

import io.tubelet.augment.Augmentation;
import io.tubelet.masking.Masking.NoMasking;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.FinetuneConfig;
import io.tubelet.spark.config.FinetuneConfig.Start;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.files.Failure.StateException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.Path;

/**
 * {@code finetune}: the encoder with a classifier on top learns labels, from pretrained weights
 * and, for comparison, with the same budget from random ones.
 */
final class FinetuneStage implements Stage {
  static final String PRETRAINED = "finetune";
  static final String SCRATCH = "scratch";

  @Override
  public Outcome run(Run run) throws IOException, InterruptedException {
    FinetuneConfig settings = run.config().finetune();
    boolean pretrained = !(settings.from() instanceof Start.Scratch);
    List<Stage> trainings = new ArrayList<>();
    if (pretrained) {
      trainings.add(of -> train(of, PRETRAINED, settings.from()));
    }
    if (!pretrained || settings.compareScratch()) {
      trainings.add(of -> train(of, SCRATCH, new Start.Scratch()));
    }
    return Stage.inTurn(trainings).run(run);
  }

  private static Outcome train(Run run, String name, Start from)
      throws IOException, InterruptedException {
    FinetuneConfig settings = run.config().finetune();
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
            .train(layout -> first(run, layout, from)::get);
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

  private static Parameters first(Run run, ParameterLayout layout, Start from) {
    long seed = run.config().run().seed();
    if (from instanceof Start.Scratch) {
      return Parameters.draw(layout, seed);
    }
    Path checkpoint =
        from instanceof Start.Checkpoint other
            ? new Path(other.path())
            : run.checkpoint(PretrainStage.NAME);
    return run.weights(checkpoint, run.network(0)).transferTo(layout, seed);
  }
}
