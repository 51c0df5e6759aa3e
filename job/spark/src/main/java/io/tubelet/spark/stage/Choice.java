package io.tubelet.spark.stage;

import io.tubelet.clip.FrameOrder;
import io.tubelet.evaluation.Accuracy;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.config.TrainingConfig;
import io.tubelet.spark.inference.ClassifyJob;
import io.tubelet.spark.run.Checkpoints;
import io.tubelet.spark.run.RunFolder;
import io.tubelet.spark.store.ClipRow;
import io.tubelet.spark.store.CubeStore;
import io.tubelet.spark.store.Json;
import io.tubelet.spark.store.Labels;
import io.tubelet.training.OuterStep;
import io.tubelet.training.StatePart;
import io.tubelet.training.TrainState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * The weights that a finished fine-tuning gives: those of its last checkpoint, or what {@link
 * #make} has put into {@code chosen/}.
 *
 * @param name of the training
 * @param model the classifier
 * @param labels its classes
 */
record Choice(JobConfig config, SparkSession spark, String name, ModelSpec model, Labels labels) {

  /**
   * Weights that may be chosen.
   *
   * @param checkpoint whose they are
   * @param average whether they are the moving average that it holds
   * @param correct held-out videos that they name rightly
   * @param videos how many were held out
   */
  record Candidate(String checkpoint, boolean average, int correct, int videos) {}

  /** The checkpoint to use of a training, if there is one. */
  static Optional<Path> of(RunFolder folder, String name) {
    return chosen(folder, name).newest().or(() -> folder.checkpoints(name).newest());
  }

  private static Checkpoints chosen(RunFolder folder, String name) {
    return new Checkpoints(folder.hadoop(), folder.file(name + "/chosen"));
  }

  /** Chooses, if the settings want more than the last checkpoint's weights. */
  void make() throws IOException {
    TrainingConfig settings = config.finetune().training();
    RunFolder folder = TrainingStage.folder(config, spark);
    boolean averaged = ema().isPresent();
    if (chosen(folder, name).newest().isPresent()) {
      return;
    }
    Optional<CubeStore> heldOut = heldOut(settings);
    if (heldOut.isEmpty() && !averaged) {
      return;
    }
    List<Candidate> candidates = new ArrayList<>();
    List<Path> checkpoints = folder.checkpoints(name).all();
    for (Path checkpoint : heldOut.isEmpty() ? checkpoints.subList(0, 1) : checkpoints) {
      if (averaged) {
        candidates.add(judge(checkpoint, true, heldOut));
      }
      if (!heldOut.isEmpty()) {
        candidates.add(judge(checkpoint, false, heldOut));
      }
    }
    Candidate best = candidates.get(0); // the newest of equals
    for (Candidate other : candidates) {
      best = other.correct > best.correct ? other : best;
    }
    Path from = new Path(best.checkpoint);
    long step = Checkpoints.progress(folder.hadoop(), from).step();
    Json.write(folder.hadoop(), folder.file(name + "/candidates.json"), candidates);
    chosen(folder, name)
        .save(
            TrainState.start(weights(from, best.average)).at(step),
            Checkpoints.progress(folder.hadoop(), from),
            labels.names(),
            1);
    System.out.printf(
        "%s: chose %s%s, %d of %d held-out videos right%n",
        name, from.getName(), best.average ? " (moving average)" : "", best.correct, best.videos);
  }

  private Optional<OuterStep.Ema> ema() {
    OuterStep outer = config.finetune().training().combining().rule().outer();
    return outer instanceof OuterStep.Ema ema ? Optional.of(ema) : Optional.empty();
  }

  /** The store without the clips that were trained on, if some were not. */
  private Optional<CubeStore> heldOut(TrainingConfig settings) {
    double share = settings.selection().heldOut();
    if (share == 0) { // training from videos has no store
      return Optional.empty();
    }
    CubeStore store = PrepareStage.open(config, spark, Role.TRAIN);
    List<ClipRow> clips = new Subset(0, 1, config.run().seed()).last(store.clips(), share);
    return clips.isEmpty()
        ? Optional.empty()
        : Optional.of(new CubeStore(store.root(), store.manifest(), clips, List.of()));
  }

  private Candidate judge(Path checkpoint, boolean average, Optional<CubeStore> heldOut) {
    if (heldOut.isEmpty()) {
      return new Candidate(checkpoint.toString(), average, 0, 0);
    }
    CubeStore store = heldOut.get();
    JobConfig.Evaluation views = config.evaluate();
    JavaSparkContext context = new JavaSparkContext(spark.sparkContext());
    context.setJobDescription("choose among checkpoints of " + name);
    Accuracy accuracy =
        new ClassifyJob(
                Networks.inference(config, spark, model),
                labels,
                new ClassifyJob.Protocol(
                    store.manifest().recipe().clips(),
                    views.crops(),
                    views.batch(),
                    views.top(),
                    FrameOrder.AS_IS),
                Math.max(1, context.defaultParallelism()))
            .run(context, store, weights(checkpoint, average));
    return new Candidate(checkpoint.toString(), average, accuracy.top1(), accuracy.videos());
  }

  private Parameters weights(Path checkpoint, boolean average) {
    RunFolder folder = TrainingStage.folder(config, spark);
    ParameterLayout layout = ParameterLayout.of(model);
    if (!average) {
      return Checkpoints.weights(folder.hadoop(), checkpoint, layout);
    }
    Parameters kept =
        Checkpoints.part(folder.hadoop(), checkpoint, layout, StatePart.OUTER_MOMENTUM);
    long rounds = Checkpoints.progress(folder.hadoop(), checkpoint).round();
    for (int i = 0; i < layout.parameters().size(); i++) {
      ema().orElseThrow().average(kept.get(i), rounds);
    }
    return kept;
  }
}
