package io.tubelet.spark.stage;

import io.tubelet.clip.FrameOrder;
import io.tubelet.evaluate.Accuracy;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.evaluate.ClassifyJob;
import io.tubelet.spark.evaluate.ClassifyJob.Protocol;
import io.tubelet.spark.files.Json;
import io.tubelet.spark.train.Checkpoints;
import io.tubelet.spark.train.Progress;
import io.tubelet.train.OuterStep;
import io.tubelet.train.StatePart;
import io.tubelet.train.TrainState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * Selects the weights of a finished fine-tuning among its checkpoints and their moving averages, by
 * the videos of the validation split, and saves them in {@code chosen/}. Without a split, the last
 * moving average. Without either, nothing is saved and the last checkpoint is used.
 *
 * @param training its name
 * @param labels its classes
 */
record CheckpointSelection(Run run, String training, Labels labels) {

  /**
   * Weights to select from, as {@code candidates.json} lists them.
   *
   * @param checkpoint whose they are
   * @param average whether they are the moving average that it holds
   * @param correct validation videos that are classified correctly
   * @param videos videos of the validation split
   */
  record Candidate(String checkpoint, boolean average, int correct, int videos) {}

  /** Selects, unless that is done or the settings want the last checkpoint's weights. */
  void make() throws IOException {
    Checkpoints chosen = run.chosen(training);
    Optional<CubeStore> validation = validation();
    if (chosen.newest().isPresent() || (validation.isEmpty() && ema().isEmpty())) {
      return;
    }
    List<Candidate> candidates = candidates(validation);
    Candidate best = candidates.get(0); // the newest of equals
    for (Candidate other : candidates) {
      best = other.correct > best.correct ? other : best;
    }
    Json.write(run.hadoop(), run.folder().file(training + "/candidates.json"), candidates);
    Path from = new Path(best.checkpoint);
    Progress progress = Checkpoints.progress(run.hadoop(), from);
    TrainState state = TrainState.start(weights(from, best.average)).at(progress.step());
    chosen.save(state, progress, labels.names(), 1);
    String judged =
        ", %d of %d validation videos are classified correctly"
            .formatted(best.correct, best.videos);
    System.out.printf(
        "%s: selected %s%s%s%n",
        training,
        from.getName(),
        best.average ? " (moving average)" : "",
        validation.isEmpty() ? "" : judged);
  }

  private List<Candidate> candidates(Optional<CubeStore> validation) {
    List<Path> checkpoints = run.folder().checkpoints(training).all();
    List<Candidate> candidates = new ArrayList<>();
    for (Path checkpoint : validation.isEmpty() ? checkpoints.subList(0, 1) : checkpoints) {
      if (ema().isPresent()) {
        candidates.add(judge(checkpoint, true, validation));
      }
      if (validation.isPresent()) {
        candidates.add(judge(checkpoint, false, validation));
      }
    }
    return candidates;
  }

  private Optional<OuterStep.Ema> ema() {
    OuterStep outer = run.config().finetune().training().combining().rule().outer();
    return outer instanceof OuterStep.Ema ema ? Optional.of(ema) : Optional.empty();
  }

  /** The store without the clips that were trained on, if some were not. */
  private Optional<CubeStore> validation() {
    double share = run.config().finetune().training().selection().heldOut();
    if (share == 0) { // training from videos has no store
      return Optional.empty();
    }
    CubeStore store = run.store(Role.TRAIN);
    List<ClipRow> clips = new Subset(0, 1, run.config().run().seed()).last(store.clips(), share);
    return clips.isEmpty()
        ? Optional.empty()
        : Optional.of(new CubeStore(store.root(), store.manifest(), clips, List.of()));
  }

  private Candidate judge(Path checkpoint, boolean average, Optional<CubeStore> validation) {
    if (validation.isEmpty()) {
      return new Candidate(checkpoint.toString(), average, 0, 0);
    }
    CubeStore store = validation.get();
    Protocol views = EvaluateStage.protocol(run.config(), store.manifest().recipe().clips());
    Accuracy accuracy =
        new ClassifyJob(labels, views, FrameOrder.AS_IS)
            .run(
                run.inference(
                    "select a checkpoint of " + training, weights(checkpoint, average), store));
    return new Candidate(checkpoint.toString(), average, accuracy.top1(), accuracy.videos());
  }

  private Parameters weights(Path checkpoint, boolean average) {
    if (!average) {
      return run.read(checkpoint).weights();
    }
    ParameterLayout layout = ParameterLayout.of(run.network(labels.size()));
    Parameters kept = Checkpoints.part(run.hadoop(), checkpoint, layout, StatePart.OUTER_MOMENTUM);
    long steps = Checkpoints.progress(run.hadoop(), checkpoint).step();
    for (int i = 0; i < layout.parameters().size(); i++) {
      ema().orElseThrow().average(kept.get(i), steps);
    }
    return kept;
  }
}
