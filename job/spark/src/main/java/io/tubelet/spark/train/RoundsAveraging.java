package io.tubelet.spark.train;

import io.tubelet.train.RoundMetrics;
import io.tubelet.train.StateShape;
import io.tubelet.train.StateView;
import io.tubelet.train.StateView.StateBuilder;
import io.tubelet.train.TrainState;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/** {@code master = rounds}: {@link RoundsMaster}, measured by what the replicas say. */
final class RoundsAveraging implements Averaging {
  private final JavaSparkContext spark;
  private final StateShape shape;
  private final RoundsMaster master;

  RoundsAveraging(JavaSparkContext spark, EnginePool.Order order, StateShape shape) {
    this.spark = spark;
    this.shape = shape;
    this.master = new RoundsMaster(order, shape);
  }

  @Override
  public StateBuilder<SharedState> builder() {
    return new SharedState.Builder(spark, shape);
  }

  @Override
  public void load(StateView state) {
    master.load(
        state instanceof SharedState shared
            ? shared
            : SharedState.share(spark, shape, (TrainState) state));
  }

  @Override
  public SharedState state() {
    return master.state(spark);
  }

  /** Only where the state stays in an engine does it matter which one. */
  @Override
  public List<String> places() {
    return shape.alone() ? master.reports().stream().map(ReplicaReport::place).toList() : List.of();
  }

  @Override
  public void fit(JavaRDD<String> paths, Round round, MinibatchSource source) {
    MinibatchLoader loader = new MinibatchLoader(round, source, shape.training(), null);
    master.executeTrainingPaths(null, null, paths, null, loader);
  }

  @Override
  public RoundResult result(long clips, double totalSeconds) {
    List<ReplicaReport> reports = master.reports();
    double steps = reports.stream().mapToInt(report -> report.taken().steps()).sum();
    double wait = mean(reports, ReplicaReport::waitSeconds);
    double compute = mean(reports, ReplicaReport::computeSeconds);
    return new RoundResult(
        sum(reports, report -> report.taken().loss()) / steps,
        sum(reports, report -> report.taken().norm()) / steps,
        clips,
        reports.stream().map(ReplicaReport::skipped).reduce(Skipped.NONE, Skipped::and),
        reports.stream().flatMap(report -> report.refused().stream()).toList(),
        new RoundMetrics.Seconds(totalSeconds, wait, compute, totalSeconds - wait - compute));
  }

  private static double sum(List<ReplicaReport> reports, ToDoubleFunction<ReplicaReport> of) {
    return reports.stream().mapToDouble(of).sum();
  }

  private static double mean(List<ReplicaReport> reports, ToDoubleFunction<ReplicaReport> of) {
    return sum(reports, of) / Math.max(1, reports.size());
  }

  @Override
  public void close() {
    master.close();
  }
}
