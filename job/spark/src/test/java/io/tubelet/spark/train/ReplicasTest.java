package io.tubelet.spark.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.TinyStore;
import io.tubelet.spark.train.Rounds.Round;
import io.tubelet.train.AveragingRule;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.OuterStep;
import io.tubelet.train.RoundMetrics;
import io.tubelet.train.SamplePlan;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import io.tubelet.train.WeightedMean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ReplicasTest {
  private static final ModelSpec MODEL = ModelSize.TINY.pretraining(TinyRun.GEOMETRY);
  private static final Optimizer SGD = new Optimizer.Sgd();
  private static final Optimizer ADAMW = new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1);
  private static final Supplier<Master> DL4J = Dl4jMaster::new;
  private static final Supplier<Master> ROUNDS = ReplicasTest::rounds;

  @TempDir private static Path folder;
  private static CubeStore store;

  @BeforeAll
  static void makeStore() {
    store = TinyStore.make(folder, 24, 4, 10);
  }

  private static Master rounds() {
    return rounds("nd4j");
  }

  private static Master rounds(String engine) {
    return TinyRun.of(24, 1, engine).master();
  }

  static List<Supplier<Master>> masters() {
    return List.of(DL4J, ROUNDS);
  }

  private static MinibatchSource source(SamplePlan plan) {
    return source(LocalSpark.context(), plan);
  }

  private static MinibatchSource source(JavaSparkContext spark, SamplePlan plan) {
    return TinyRun.source(spark, store, plan);
  }

  private static TrainState first() {
    return TrainState.start(Parameters.draw(ParameterLayout.of(MODEL), 1));
  }

  private record Run(SamplePlan plan, Optimizer optimizer, int period, Supplier<Master> master) {
    Rounds rounds() {
      return new Rounds(plan, 2, period);
    }

    Training training() {
      LearningRate rate = new LearningRate(1e-2, 1e-3, 2, 2L * plan.stepsPerEpoch());
      return new Training(MODEL, optimizer, rate);
    }

    /** What the rounds from {@code from} on make of a state. */
    Trained train(TrainState state, long from) {
      Trained trained =
          Trained.by(
              LocalSpark.context(),
              master.get(),
              training(),
              AveragingRule.PLAIN,
              rounds(),
              source(plan),
              state,
              from,
              round -> {});
      for (RoundResult result : trained.results()) {
        assertThat(result.loss()).isBetween(0.01, 10.0);
        assertThat(result.gradientNorm()).isPositive();
      }
      return trained;
    }

    TrainState train() {
      return train(first(), 0).last();
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
  void averagingSgdEveryStepEqualsOneProcessWithTheDoubleBatch(Supplier<Master> master) {
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
    int parts = run.optimizer instanceof Optimizer.Sgd ? 1 : 3;
    TrainState state = first();
    try (Engine engine =
        EngineProvider.find("nd4j", Device.CPU).open(run.training(), Placement.ONE_THREAD)) {
      for (long index = 0; index < run.rounds().count(); index++) {
        Round round = run.rounds().at(index);
        List<TrainState> after = new ArrayList<>();
        List<Long> votes = new ArrayList<>();
        for (int replica = 0; replica < run.plan.replicas(); replica++) {
          engine.load(state);
          long clips = 0;
          try (ReadAhead minibatches =
              source(run.plan).read(run.rounds(), index, index + 1, replica)) {
            while (minibatches.hasNext()) {
              CubeBatch batch = minibatches.next().orElseThrow();
              engine.step(batch);
              clips += batch.size();
            }
          }
          after.add(engine.state());
          votes.add(oneVoteAReplica ? 1 : clips);
        }
        Parameters none = Parameters.zero(ParameterLayout.of(MODEL));
        state =
            new TrainState(
                round.endStep(),
                mean(after, votes, TrainState::weights),
                parts == 1 ? none : mean(after, votes, TrainState::firstMoment),
                parts == 1 ? none : mean(after, votes, TrainState::secondMoment));
      }
    }
    return state;
  }

  private static Parameters mean(
      List<TrainState> states, List<Long> votes, Function<TrainState, Parameters> part) {
    ParameterLayout layout = ParameterLayout.of(MODEL);
    float[][] values = new float[layout.parameters().size()][];
    for (int i = 0; i < values.length; i++) {
      WeightedMean mean = new WeightedMean();
      for (int replica = 0; replica < states.size(); replica++) {
        mean.add(part.apply(states.get(replica)).get(i), votes.get(replica));
      }
      values[i] = mean.mean();
    }
    return new Parameters(layout, values);
  }

  @ParameterizedTest
  @MethodSource("masters")
  void goesOnFromTheMiddleToTheSameBits(Supplier<Master> master) {
    Run run = new Run(new SamplePlan(5, 24, 2, 4), ADAMW, 2, master);
    List<TrainState> states = run.train(first(), 0).states();
    TrainState resumed = run.train(states.get(1), 2).last();
    TrainState whole = states.get(states.size() - 1);
    assertThat(resumed.weights().digest()).isEqualTo(whole.weights().digest());
    assertThat(resumed.secondMoment().digest()).isEqualTo(whole.secondMoment().digest());
  }

  @Test
  void reportsClipsLossAndTime() {
    Run run = new Run(new SamplePlan(5, 24, 2, 4), SGD, 3, ROUNDS);
    RoundResult result = run.train(first(), 0).results().get(0);
    assertThat(result.clips()).isEqualTo(24);
    RoundMetrics.Seconds seconds = result.seconds();
    assertThat(seconds.dataWait() + seconds.compute() + seconds.average())
        .isCloseTo(seconds.total(), within(1e-9));
  }

  /** The published synchronous step: what the replicas' clips would be in one minibatch. */
  @ParameterizedTest
  @CsvSource({"nd4j, 1", "nd4j, 7", "torch, 1", "torch, 7"})
  void averagedGradientsOfFourReplicasAreThoseOfOneWithAllTheirClips(String engine, int epochs) {
    TrainState four = synchronous(engine, new SamplePlan(5, 24, 4, 2), epochs);
    TrainState one = synchronous(engine, new SamplePlan(5, 24, 1, 8), epochs);
    assertThat(four.step()).isEqualTo(3L * epochs);
    assertThat(distance(four, first())).isGreaterThan(1e-3);
    assertThat(distance(four, one)).isLessThan(1e-5);
  }

  private static TrainState synchronous(String engine, SamplePlan plan, int epochs) {
    Rounds rounds = new Rounds(plan, epochs, 3);
    Training training = new Training(MODEL, ADAMW, LearningRate.constant(1e-3));
    return Trained.by(
            LocalSpark.context(),
            rounds(engine),
            training,
            new AveragingRule(
                AveragingRule.Of.GRADIENTS,
                new OuterStep.Average(),
                AveragingRule.Moments.AVERAGED,
                AveragingRule.Wire.FP32),
            rounds,
            source(plan),
            first(),
            0,
            round -> {})
        .last();
  }

  /** Four replicas in one, two and four tasks. */
  @Test
  void theBitsDoNotDependOnTheNumberOfTasks() {
    SamplePlan plan = new SamplePlan(5, 23, 4, 2);
    Rounds rounds = new Rounds(plan, 2, 2);
    Training training = new Training(MODEL, ADAMW, LearningRate.constant(1e-2));
    Map<AveragingRule.Of, Set<String>> digests = new EnumMap<>(AveragingRule.Of.class);
    LocalSpark.session().stop();
    for (String master : List.of("local[1]", "local[2]", "local[4]")) {
      try (JavaSparkContext spark = LocalSpark.context(master)) {
        MinibatchSource source = source(spark, plan);
        for (AveragingRule.Of of : AveragingRule.Of.values()) {
          AveragingRule rule =
              new AveragingRule(
                  of,
                  new OuterStep.Ema(0.9),
                  AveragingRule.Moments.AVERAGED,
                  AveragingRule.Wire.FP32);
          TrainState last =
              Trained.by(
                      spark,
                      rounds("torch"),
                      training,
                      rule,
                      rounds,
                      source,
                      first(),
                      0,
                      round -> {})
                  .last();
          digests
              .computeIfAbsent(of, none -> new HashSet<>())
              .add(last.weights().digest() + last.secondMoment().digest());
        }
      }
    }
    assertThat(digests).hasSize(2).allSatisfy((of, same) -> assertThat(same).hasSize(1));
  }
}
