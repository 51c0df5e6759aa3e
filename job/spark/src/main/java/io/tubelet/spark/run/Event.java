package io.tubelet.spark.run;

import io.tubelet.spark.round.RoundResult;

/**
 * One line of {@code events.jsonl}: a round.
 *
 * @param round its number, from 0
 * @param epoch the epoch it belongs to, from 0
 * @param step steps taken after it
 * @param loss mean over its steps and replicas
 * @param learningRate rate of its last step
 * @param gradientNorm mean over its steps and replicas
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
    double clipsPerSecond,
    RoundResult.Seconds seconds) {}
