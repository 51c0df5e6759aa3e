package io.tubelet.spark.run;

import io.tubelet.spark.round.RoundResult;

/**
 * One line of {@code events.jsonl}: a round.
 *
 * @param round its number, from 0
 * @param epoch the epoch it belongs to, from 0
 * @param step steps taken after it
 * @param loss mean over the steps that replicas took; not a number if they took none
 * @param learningRate rate of its last step
 * @param gradientNorm mean over the same steps
 * @param skipped steps that replicas left out for a loss or gradient that was not finite
 * @param rollbacks how often the training had gone back to lower rates before
 * @param quarantined clips that gave nothing to train on
 * @param clipsPerSecond of wall time
 * @param seconds where the time went
 */
public record Event(
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
    RoundResult.Seconds seconds) {}
