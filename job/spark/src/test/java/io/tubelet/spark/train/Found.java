package io.tubelet.spark.train;

import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.train.StatePart;
import io.tubelet.train.TrainState;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A checkpoint that was read.
 *
 * @param state weights and the moments that all replicas share
 */
public record Found(Progress progress, TrainState state) {
  private static final List<StatePart> SHARED =
      List.of(StatePart.WEIGHTS, StatePart.FIRST_MOMENT, StatePart.SECOND_MOMENT);

  /** The newest whole one, if there is one. */
  public static Optional<Found> in(Checkpoints checkpoints, ModelSpec model) {
    return checkpoints
        .newest(ParameterLayout.of(model), SHARED, all -> true)
        .map(files -> in(files, model));
  }

  /** A state of {@link TinyRun#MODEL} that its step tells from others. */
  static TrainState state(long step) {
    ParameterLayout layout = ParameterLayout.of(TinyRun.MODEL);
    return new TrainState(
        step,
        Parameters.draw(layout, step),
        Parameters.draw(layout, step + 1),
        Parameters.draw(layout, step + 2));
  }

  static Progress progress(long step) {
    return new Progress("s", step / 2, step, false);
  }

  static Found in(CheckpointFolder files, ModelSpec model) {
    Progress progress = files.state().progress();
    Map<StatePart, Parameters> read = files.read(ParameterLayout.of(model), SHARED);
    return new Found(progress, TrainState.of(progress.step(), read, StatePart.SHARED));
  }
}
