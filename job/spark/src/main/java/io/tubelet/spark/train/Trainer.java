package io.tubelet.spark.train;

import io.tubelet.engine.torch.Natives;
import io.tubelet.spark.cluster.Slots;
import io.tubelet.train.AveragingRule;
import io.tubelet.train.SamplePlan;
import io.tubelet.train.StateShape;
import io.tubelet.train.StateView;
import io.tubelet.train.StateView.StateBuilder;
import io.tubelet.train.StateView.StatePart;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.reflect.ClassTag$;

/**
 * Trains rounds on the cluster and holds the state between them, by the run's master: this
 * project's {@link RoundsMaster} or DL4J's own. A round is an RDD with one partition a replica,
 * whose elements name minibatches; what they stand for is read inside the partition.
 */
public final class Trainer implements AutoCloseable {
  private final JavaSparkContext spark;
  private final Training training;
  private final MinibatchSource source;
  private final int period;
  private final Master master;
  private Averaging averaging;

  /**
   * @param period most steps of a round
   */
  public Trainer(
      JavaSparkContext spark,
      Training training,
      MinibatchSource source,
      int period,
      Master master) {
    this.spark = spark;
    this.training = training;
    this.source = source;
    this.period = period;
    this.master = master;
    Natives.chooseBlas(); // before ND4J loads one: it serves both engines of a process
    this.averaging = averaging(training);
  }

  private Averaging averaging(Training at) {
    if (master instanceof Master.Rounds rounds) {
      StateShape shape = new StateShape(at, rounds.rule(), source.plan().replicas());
      EnginePool.Order order = new EnginePool.Order(rounds.engine(), at, rounds.placement());
      return new RoundsAveraging(spark, order, shape);
    }
    Master.Dl4j dl4j = (Master.Dl4j) master;
    return new Dl4jAveraging(spark, at, source.plan().replicas(), period, dl4j.aggregationDepth());
  }

  /** What a state of this training consists of. */
  public List<StatePart> parts() {
    AveragingRule rule =
        master instanceof Master.Rounds rounds ? rounds.rule() : AveragingRule.PLAIN;
    return new StateShape(training, rule, source.plan().replicas()).parts();
  }

  /** Trains at a multiple of the schedule's rates from now on; a state must be loaded again. */
  public void slow(double rateFactor) {
    averaging.close();
    averaging =
        averaging(
            new Training(
                training.model(),
                training.optimizer(),
                training.learningRate().times(rateFactor),
                training.dropping()));
  }

  /** Makes a state for {@link #load} from its {@link #parts}, in their order. */
  public StateBuilder<? extends StateView> builder() {
    return averaging.builder();
  }

  /** Replaces the state, by one of the {@link #builder} or by what one replica has come to. */
  public void load(StateView state) {
    averaging.load(state);
  }

  /** The state after the last round, good until the next. */
  public StateView view() {
    return averaging.state();
  }

  /** A copy of the state that replicas share. */
  public TrainState state() {
    StateView view = view();
    return view instanceof SharedState shared ? shared.join(shared.step()) : (TrainState) view;
  }

  /** Trains one round. */
  public RoundResult fit(Round round) {
    long start = System.nanoTime();
    averaging.fit(paths(round), round, source);
    RoundResult result = averaging.result(samples(round), (System.nanoTime() - start) / 1e9);
    long lost = (long) result.refused().size() * repeats();
    return new RoundResult(
        result.loss(),
        result.gradientNorm(),
        result.clips() - lost,
        result.skipped(),
        result.refused(),
        result.seconds());
  }

  /** The names of a round's minibatches, one partition a replica. */
  private JavaRDD<String> paths(Round round) {
    SamplePlan plan = source.plan();
    List<String> places = averaging.places();
    List<Tuple2<List<String>, Seq<String>>> replicas = new ArrayList<>();
    for (int replica = 0; replica < plan.replicas(); replica++) {
      List<String> names = new ArrayList<>();
      for (int step = 0; step < round.steps(); step++) {
        if (plan.size(round.firstStep() + step, replica) > 0) {
          names.add(new Minibatch(round.index(), replica, step).path());
        }
      }
      List<String> place = replica < places.size() ? List.of(places.get(replica)) : List.of();
      replicas.add(new Tuple2<>(names, JavaConverters.asScalaBuffer(place)));
    }
    return Slots.TRAIN.of(
        spark
            .sc()
            .<List<String>>makeRDD(
                JavaConverters.asScalaBuffer(replicas), ClassTag$.MODULE$.apply(List.class))
            .toJavaRDD()
            .flatMap(List::iterator));
  }

  private int repeats() {
    return source.presentation().augmentation().repeats();
  }

  /** Samples that a round asks for. */
  private long samples(Round round) {
    long clips = 0;
    for (int step = 0; step < round.steps(); step++) {
      clips += source.plan().size(round.firstStep() + step);
    }
    return clips * repeats();
  }

  @Override
  public void close() {
    EnginePool.closeIdle();
    averaging.close();
  }
}
