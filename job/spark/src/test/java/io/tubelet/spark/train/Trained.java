package io.tubelet.spark.train;

import io.tubelet.model.Parameters;
import io.tubelet.spark.train.Rounds.Round;
import io.tubelet.train.AveragingRule;
import io.tubelet.train.StatePart;
import io.tubelet.train.StateShape;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/** What a master makes of a state, with a checkpoint after every round. */
final class Trained implements Master.Listener {
  private final List<RoundResult> results = new ArrayList<>();
  private final List<TrainState> states = new ArrayList<>();
  private final Master.Stretch stretch;
  private final StateShape shape;
  private final IntConsumer after;

  private Trained(Master.Stretch stretch, StateShape shape, IntConsumer after) {
    this.after = after;
    this.stretch = stretch;
    this.shape = shape;
  }

  /**
   * @param from the state before the round {@code first}
   * @param after done on the driver while the tasks wait for its answer after a round
   */
  static Trained by(
      JavaSparkContext spark,
      Master master,
      Training training,
      AveragingRule rule,
      Rounds rounds,
      MinibatchSource source,
      TrainState from,
      long first,
      IntConsumer after) {
    Configuration hadoop = new Configuration();
    try (master) {
      Path start = new Path(Files.createTempDirectory("trained").toUri().toString(), "start");
      Master.Stretch stretch =
          new Master.Stretch(
              start, first, rounds, training, rule, source, new SerializableConfiguration(hadoop));
      Trained trained = new Trained(stretch, stretch.shape(), after);
      Map<StatePart, IntFunction<float[]>> parts = new LinkedHashMap<>();
      Parameters none = Parameters.zero(trained.shape.layout());
      for (StatePart part : trained.shape.parts()) {
        boolean outer = part.equals(StatePart.OUTER_MOMENTUM);
        parts.put(part, outer ? none::get : from.part(part.kind())::get);
      }
      Progress progress = new Progress("", first, from.step(), false);
      stretch.folder().write(trained.shape.layout(), parts, progress, List.of());
      master.train(spark, stretch, trained);
      return trained;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (Exception e) {
      throw e instanceof RuntimeException why ? why : new IllegalStateException(e);
    }
  }

  private Path folder() {
    return new Path(stretch.checkpoint().getParent(), "round-" + results.size());
  }

  @Override
  public Master.Decision after(RoundResult result) {
    results.add(result);
    after.accept(results.size());
    return new Master.Decision(folder(), false);
  }

  @Override
  public void written(Map<String, String> digests) {
    long round = stretch.first() + results.size() - 1;
    Round last = stretch.rounds().at(round);
    long step = last.endStep();
    Progress progress = new Progress("", round + 1, step, false);
    CheckpointFolder folder = stretch.folder(folder());
    try {
      folder.commit(
          new CheckpointFolder.State(progress, digests), stretch.training().model(), List.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<StatePart, Parameters> read = folder.read(shape.layout(), shape.averaged());
    states.add(TrainState.of(step, read, StatePart.SHARED));
  }

  /** What each round said. */
  List<RoundResult> results() {
    return results;
  }

  /** The averaged parts after each round. */
  List<TrainState> states() {
    return states;
  }

  TrainState last() {
    return states.get(states.size() - 1);
  }
}
