package io.tubelet.spark.train;

import io.tubelet.spark.data.Quarantined;
import io.tubelet.train.RoundMetrics;
import java.io.Serializable;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What one round reports.
 *
 * @param loss mean over all steps that replicas took; not a number if they took none
 * @param gradientNorm mean over the same steps
 * @param clips samples that the round had
 * @param refused clips that gave nothing to train on
 */
public record RoundResult(
    double loss,
    double gradientNorm,
    long clips,
    Skipped skipped,
    List<Quarantined> refused,
    RoundMetrics.Seconds seconds)
    implements Serializable {
  /** Steps without a finite loss or gradient, which changed nothing; clips of the last such. */
  public record Skipped(int steps, List<String> clips) implements Serializable {
    public static final Skipped NONE = new Skipped(0, List.of());

    public Skipped and(Skipped next) {
      return new Skipped(steps + next.steps, next.steps > 0 ? next.clips : clips);
    }
  }

  /** What the replicas say, in their order, of a round that took so long. */
  static RoundResult of(List<ReplicaReport> reports, double seconds) {
    double steps = sum(reports, report -> report.steps);
    double wait = sum(reports, report -> report.waitSeconds) / reports.size();
    double compute = sum(reports, report -> report.computeSeconds) / reports.size();
    return new RoundResult(
        sum(reports, report -> report.loss) / steps,
        sum(reports, report -> report.norm) / steps,
        reports.stream().mapToLong(report -> report.samples).sum(),
        reports.stream().map(report -> report.skipped).reduce(Skipped.NONE, Skipped::and),
        reports.stream().flatMap(report -> report.refused.stream()).toList(),
        new RoundMetrics.Seconds(
            seconds, wait, compute, Math.max(0, seconds - wait - compute))); // by two clocks
  }

  private static double sum(List<ReplicaReport> reports, ToDoubleFunction<ReplicaReport> of) {
    return reports.stream().mapToDouble(of).sum();
  }
}
