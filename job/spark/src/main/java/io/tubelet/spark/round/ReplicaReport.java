package io.tubelet.spark.round;

import java.io.Serializable;

/**
 * What one replica says of its part of a round.
 *
 * @param replica its number
 * @param steps steps it took
 * @param clips clips it used
 * @param lossSum sum of the steps' losses
 * @param normSum sum of the steps' gradient norms
 * @param waitSeconds time it waited for data
 * @param computeSeconds time it spent in steps
 */
public record ReplicaReport(
    int replica,
    int steps,
    long clips,
    double lossSum,
    double normSum,
    double waitSeconds,
    double computeSeconds)
    implements Serializable {}
