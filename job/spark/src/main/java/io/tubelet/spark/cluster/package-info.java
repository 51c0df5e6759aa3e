/**
 * How the job sits on a cluster: the slots that tasks run in ({@link
 * io.tubelet.spark.cluster.ResourcePlan}, read it first), the GPU that a task was given, and what
 * executors report. Uses Spark, {@code files}, the core, and of the engines only what hides GPUs
 * from a process. Everything else may use it but {@code files}.
 */
package io.tubelet.spark.cluster;
