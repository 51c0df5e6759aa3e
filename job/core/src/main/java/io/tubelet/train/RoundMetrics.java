package io.tubelet.train;

import java.io.Serializable;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What one round of training measured: a line of {@code events.jsonl} and a point of every curve.
 *
 * @param step steps taken after it
 * @param loss mean over the steps that replicas took; not a number if they took none
 * @param learningRate of its last step
 * @param gradientNorm mean over the same steps, before clipping
 * @param skipped steps that replicas skipped for a loss or gradient that was not finite
 * @param rollbacks how often the training had gone back to lower rates before
 * @param quarantined clips that gave nothing to train on
 * @param clipsPerSecond of all replicas together, in wall time
 * @param validation share of the validation split that is classified correctly after it; null where
 *     that was not evaluated
 */
public record RoundMetrics(
    long round,
    long epoch,
    long step,
    double loss,
    double learningRate,
    double gradientNorm,
    int skipped,
    int rollbacks,
    int quarantined,
    double clipsPerSecond,
    Seconds seconds,
    Double validation) {

  /**
   * Time of one round.
   *
   * @param total wall time on the driver
   * @param dataWait mean over replicas of the time spent waiting for data
   * @param compute mean over replicas of the time spent in steps
   * @param average the rest: scheduling, broadcasting, averaging
   */
  public record Seconds(double total, double dataWait, double compute, double average)
      implements Serializable {}

  /** The same round, with what the validation split says of the network after it. */
  public RoundMetrics validated(double share) {
    return new RoundMetrics(
        round,
        epoch,
        step,
        loss,
        learningRate,
        gradientNorm,
        skipped,
        rollbacks,
        quarantined,
        clipsPerSecond,
        seconds,
        share);
  }

  /** The figures that are drawn over steps, by the names that TensorBoard and MLflow show. */
  public Map<String, Double> curves() {
    Map<String, Double> curves = new LinkedHashMap<>();
    curves.put("loss", loss);
    curves.put("learning_rate", learningRate);
    curves.put("gradient_norm", gradientNorm);
    curves.put("clips_per_second", clipsPerSecond);
    curves.put("seconds/wait", seconds.dataWait);
    curves.put("seconds/compute", seconds.compute);
    curves.put("seconds/average", seconds.average);
    if (validation != null) {
      curves.put("validation_accuracy", validation);
    }
    return curves;
  }

  /** For the person who watches, behind the name of a training of these lengths. */
  public String line(int epochs, long rounds) {
    return String.format(
        Locale.ROOT,
        "  epoch %d/%d  round %d/%d  loss %.4f  lr %.2e  %.1f clips/s  wait %.0f%%",
        epoch + 1,
        epochs,
        round + 1,
        rounds,
        loss,
        learningRate,
        clipsPerSecond,
        100 * seconds.dataWait / seconds.total);
  }

  public static double hours(List<RoundMetrics> rounds) {
    return rounds.stream().mapToDouble(round -> round.seconds.total).sum()
        / Duration.ofHours(1).toSeconds();
  }
}
