package io.tubelet.spark.stage;

import io.tubelet.clip.FrameOrder;
import io.tubelet.evaluate.Accuracy;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.config.JobConfig.Init;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.evaluate.ClassifyJob;
import io.tubelet.spark.evaluate.ClassifyJob.Protocol;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.train.CheckpointFolder;
import io.tubelet.spark.train.Progress;
import io.tubelet.spark.train.TrainingRun.Validation;
import io.tubelet.train.OuterStep;
import io.tubelet.train.StatePart;
import io.tubelet.train.TrainState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

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

  /**
   * Selects the weights of a fine-tuning by the videos of the validation split: while it goes on,
   * some checkpoints and their moving averages are evaluated, and the best one so far is in {@code
   * chosen/}. Without a split the last moving average is. Without either, nothing is selected and
   * the last checkpoint is used.
   */
  record CheckpointSelection(Run run, String training, Labels labels) {

    /** What the training asks of its checkpoints; a split needs a store. */
    Validation validation() {
      JobConfig.Finetuning settings = run.config().finetune();
      double share = settings.training().selection().heldOut();
      if (share == 0) { // training from videos has no store
        return Validation.NONE;
      }
      CubeStore store = run.store(Role.TRAIN);
      List<ClipRow> clips = new Subset(0, 1, run.config().run().seed()).last(store.clips(), share);
      CubeStore split = new CubeStore(store.root(), store.manifest(), clips, List.of());
      return new Validation(
          settings.validationEpochs(), (checkpoint, best) -> judge(split, checkpoint, best));
    }

    /** Keeps a checkpoint or its moving average if it is the best so far, the newer of equals. */
    private double judge(CubeStore split, Path checkpoint, double best) throws IOException {
      Parameters weights = run.read(checkpoint).weights();
      Accuracy better = accuracy(split, weights);
      boolean average = false;
      if (ema().isPresent()) {
        Parameters averaged = average(checkpoint);
        Accuracy other = accuracy(split, averaged);
        average = other.top1() >= better.top1();
        weights = average ? averaged : weights;
        better = average ? other : better;
      }
      boolean chosen = better.top1Share() >= best;
      if (chosen) {
        choose(checkpoint, weights);
      }
      System.out.printf(
          "%s: %s%s classifies %d of %d validation videos correctly%s%n",
          training,
          checkpoint.getName(),
          average ? " (moving average)" : "",
          better.top1(),
          better.videos(),
          chosen ? ", selected" : "");
      return better.top1Share();
    }

    /** Keeps the moving average of a finished training, where no split has selected anything. */
    void keepAverage() throws IOException {
      if (ema().isPresent() && run.chosen(training).newest().isEmpty()) {
        Path last = run.folder().checkpoints(training).newest().orElseThrow();
        choose(last, average(last));
      }
    }

    private void choose(Path checkpoint, Parameters weights) throws IOException {
      Progress progress = new CheckpointFolder(run.hadoop(), checkpoint).state().progress();
      TrainState state = TrainState.start(weights).at(progress.step());
      run.chosen(training).save(state, progress, labels.names(), 1);
    }

    private Optional<OuterStep.Ema> ema() {
      OuterStep outer = run.config().finetune().training().combining().rule().outer();
      return outer instanceof OuterStep.Ema ema ? Optional.of(ema) : Optional.empty();
    }

    private Accuracy accuracy(CubeStore split, Parameters weights) {
      Protocol views = EvaluateStage.protocol(run.config(), split.manifest().recipe().clips());
      return new ClassifyJob(labels, views, FrameOrder.AS_IS)
          .run(run.inference("evaluate checkpoints of " + training, weights, split));
    }

    private Parameters average(Path checkpoint) {
      ParameterLayout layout = ParameterLayout.of(run.network(labels.size()));
      CheckpointFolder files = new CheckpointFolder(run.hadoop(), checkpoint);
      StatePart part = StatePart.OUTER_MOMENTUM;
      Parameters kept = files.read(layout, List.of(part)).get(part);
      long steps = files.state().progress().step();
      for (int i = 0; i < layout.parameters().size(); i++) {
        ema().orElseThrow().average(kept.get(i), steps);
      }
      return kept;
    }
  }
}
