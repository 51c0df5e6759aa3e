/**
 * How the job sits on a cluster: who decodes and who trains ({@link
 * io.tubelet.spark.cluster.ResourcePlan}, read it first), the slots that tasks run in, the GPU that
 * a task was given, and what executors report. Uses Spark, the core, and of the engines only what
 * hides GPUs from a process. Everything else may use it but {@code store} and {@code corpus}.
 */
package io.tubelet.spark.cluster;
