/**
 * A round of training on Spark: which clips go where, how they are read ahead, who takes the steps
 * and how replicas become one again. Read {@link io.tubelet.spark.round.Trainer} first, then {@link
 * io.tubelet.spark.round.ReplicaWork}. May use {@code files}, {@code data}, the core and DL4J.
 */
package io.tubelet.spark.round;
