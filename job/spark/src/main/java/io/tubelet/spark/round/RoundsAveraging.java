package io.tubelet.spark.round;

import io.tubelet.training.Training;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.deeplearning4j.spark.api.TrainingMaster;

/** {@code master = rounds}: {@link RoundsMaster}, measured by what the replicas say. */
final class RoundsAveraging implements Averaging {
  private final Training training;
  private final RoundsMaster master;

  RoundsAveraging(EnginePool.Order order) {
    training = order.training();
    master = new RoundsMaster(order);
  }

  @Override
  public TrainingMaster<?, ?> master() {
    return master;
  }

  @Override
  public MinibatchLoader loader(Round round, MinibatchSource source) {
    return new MinibatchLoader(round, source, training, null);
  }

  @Override
  public RoundResult result(long clips, double totalSeconds) {
    List<ReplicaReport> reports = master.reports();
    double steps = Math.max(1, reports.stream().mapToInt(ReplicaReport::steps).sum());
    double wait = mean(reports, ReplicaReport::waitSeconds);
    double compute = mean(reports, ReplicaReport::computeSeconds);
    return new RoundResult(
        sum(reports, ReplicaReport::lossSum) / steps,
        sum(reports, ReplicaReport::normSum) / steps,
        clips,
        new RoundResult.Seconds(totalSeconds, wait, compute, totalSeconds - wait - compute));
  }

  private static double sum(List<ReplicaReport> reports, ToDoubleFunction<ReplicaReport> of) {
    return reports.stream().mapToDouble(of).sum();
  }

  private static double mean(List<ReplicaReport> reports, ToDoubleFunction<ReplicaReport> of) {
    return sum(reports, of) / Math.max(1, reports.size());
  }
}
