package io.tubelet.spark.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Crop;
import io.tubelet.augment.Flip;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.masking.TubeMasking;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.data.StoreAccess;
import io.tubelet.spark.data.TinyStore;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.RoundMetrics;
import io.tubelet.train.SamplePlan;
import io.tubelet.train.StateChunks;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import io.tubelet.train.WeightedMean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainerTest {
  private static final ClipGeometry GEOMETRY = new ClipGeometry(4, 8, 8, 2, 4);
  private static final ModelSpec MODEL = ModelSize.TINY.pretraining(GEOMETRY);
  private static final Optimizer SGD = new Optimizer.Sgd();
  private static final Optimizer ADAMW = new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1);
  private static final Master DL4J = new Master.Dl4j(2);
  private static final Master ROUNDS = new Master.Rounds("nd4j", Placement.ONE_THREAD);

  @TempDir private static Path folder;
  private static CubeStore store;

  @BeforeAll
  static void makeStore() {
    store = TinyStore.make(folder, 24, 4, 10);
  }

  static List<Master> masters() {
    return List.of(DL4J, ROUNDS);
  }

  private static MinibatchSource source(SamplePlan plan) {
    ClipTransform presentation =
        new ClipTransform(
            GEOMETRY,
            new Augmentation(new Crop.MultiScale(), Flip.of(Flip.Axis.COLUMNS)),
            new TubeMasking(0.5),
            new Labels(List.of()),
            0,
            3);
    return new MinibatchSource(
        plan, StoreAccess.share(LocalSpark.context(), store, store.clips()), presentation, 0);
  }

  private static TrainState first() {
    return TrainState.start(Parameters.draw(ParameterLayout.of(MODEL), 1));
  }

  private record Run(SamplePlan plan, Optimizer optimizer, int period, Master master) {
    Rounds rounds() {
      return new Rounds(plan, 2, period);
    }

    Training training() {
      LearningRate rate = new LearningRate(1e-2, 1e-3, 2, rounds().steps());
      return new Training(MODEL, optimizer, rate);
    }

    /** Weights after the rounds from {@code from} on, starting from {@code state}. */
    TrainState train(TrainState state, long from) {
      try (Trainer trainer =
          new Trainer(LocalSpark.context(), training(), source(plan), period, master)) {
        trainer.load(state);
        for (long index = from; index < rounds().count(); index++) {
          RoundResult result = trainer.fit(rounds().at(index));
          assertThat(result.loss()).isBetween(0.01, 10.0);
          assertThat(result.gradientNorm()).isPositive();
        }
        return trainer.state();
      }
    }

    TrainState train() {
      return train(first(), 0);
    }
  }

  private static double distance(TrainState a, TrainState b) {
    double largest = 0;
    for (Parameter p : a.weights().layout().parameters()) {
      float[] left = a.weights().get(p.name());
      float[] right = b.weights().get(p.name());
      for (int i = 0; i < left.length; i++) {
        largest = Math.max(largest, Math.abs(left[i] - right[i]));
      }
    }
    return largest;
  }

  @ParameterizedTest
  @MethodSource("masters")
  void averagingSgdEveryStepEqualsOneProcessWithTheDoubleBatch(Master master) {
    TrainState two = new Run(new SamplePlan(5, 24, 2, 4), SGD, 1, master).train();
    TrainState one = new Run(new SamplePlan(5, 24, 1, 8), SGD, 1, master).train();
    assertThat(two.step()).isEqualTo(6);
    assertThat(distance(two, first())).isGreaterThan(1e-3);
    assertThat(distance(two, one)).isLessThan(1e-6);
  }

  @Test
  void roundsEqualDl4jWithAdamOverSeveralRounds() {
    SamplePlan plan = new SamplePlan(5, 24, 2, 4);
    TrainState dl4j = new Run(plan, ADAMW, 2, DL4J).train();
    TrainState rounds = new Run(plan, ADAMW, 2, ROUNDS).train();
    assertThat(distance(rounds, dl4j)).isLessThan(1e-6);
    assertThat(rounds.step()).isEqualTo(dl4j.step()).isEqualTo(6);
  }

  @Test
  void unevenMinibatchesStayAsPlanned() {
    // 23 clips, 2 replicas of 4: steps of 7 and 8, dealt 3 + 4 and 4 + 4
    SamplePlan plan = new SamplePlan(5, 23, 2, 4);
    TrainState dl4j = new Run(plan, SGD, 3, DL4J).train();
    TrainState bare = bare(new Run(plan, SGD, 3, ROUNDS), true);
    assertThat(distance(dl4j, bare)).isLessThan(1e-6);
  }

  @Test
  void equalsTheFoldWithoutSpark() {
    Run run = new Run(new SamplePlan(5, 23, 3, 4), ADAMW, 2, ROUNDS);
    assertThat(run.train().weights().digest()).isEqualTo(bare(run, false).weights().digest());
  }

  /** The same algebra in a loop on this thread. */
  private static TrainState bare(Run run, boolean oneVoteAReplica) {
    ParameterLayout layout = ParameterLayout.of(MODEL);
    int parts = run.optimizer instanceof Optimizer.Sgd ? 1 : 3;
    StateChunks chunks = new StateChunks(layout, parts, Integer.MAX_VALUE);
    TrainState state = first();
    try (Engine engine =
        EngineProvider.find("nd4j", Device.CPU).open(run.training(), Placement.ONE_THREAD)) {
      for (long index = 0; index < run.rounds().count(); index++) {
        Round round = run.rounds().at(index);
        WeightedMean mean = new WeightedMean();
        for (int replica = 0; replica < run.plan.replicas(); replica++) {
          engine.load(state);
          long clips = 0;
          try (ReadAhead minibatches = source(run.plan).read(round, replica)) {
            while (minibatches.hasNext()) {
              CubeBatch batch = minibatches.next();
              engine.step(batch);
              clips += batch.size();
            }
          }
          TrainState after = engine.state();
          mean.add(
              chunks.cut(after.vector(after.parts().subList(0, parts)), 0),
              oneVoteAReplica ? 1 : clips);
        }
        List<Parameters> joined = chunks.join(chunk -> mean.mean());
        long step = round.globalStep() + round.steps();
        state =
            parts == 1
                ? TrainState.start(joined.get(0)).at(step)
                : new TrainState(step, joined.get(0), joined.get(1), joined.get(2));
      }
    }
    return state;
  }

  @ParameterizedTest
  @MethodSource("masters")
  void goesOnFromTheMiddleToTheSameBits(Master master) {
    Run run = new Run(new SamplePlan(5, 24, 2, 4), ADAMW, 2, master);
    List<TrainState> states = new ArrayList<>();
    try (Trainer trainer =
        new Trainer(LocalSpark.context(), run.training(), source(run.plan), 2, master)) {
      trainer.load(first());
      for (long index = 0; index < run.rounds().count(); index++) {
        trainer.fit(run.rounds().at(index));
        states.add(trainer.state());
      }
    }
    TrainState resumed = run.train(states.get(1), 2);
    TrainState whole = states.get(states.size() - 1);
    assertThat(resumed.weights().digest()).isEqualTo(whole.weights().digest());
    assertThat(resumed.secondMoment().digest()).isEqualTo(whole.secondMoment().digest());
  }

  @Test
  void reportsClipsLossAndTime() {
    Run run = new Run(new SamplePlan(5, 24, 2, 4), SGD, 3, ROUNDS);
    try (Trainer trainer =
        new Trainer(LocalSpark.context(), run.training(), source(run.plan), 3, ROUNDS)) {
      trainer.load(first());
      RoundResult result = trainer.fit(run.rounds().at(0));
      assertThat(result.clips()).isEqualTo(24);
      RoundMetrics.Seconds seconds = result.seconds();
      assertThat(seconds.dataWait() + seconds.compute() + seconds.average())
          .isCloseTo(seconds.total(), within(1e-9));
    }
  }
}
