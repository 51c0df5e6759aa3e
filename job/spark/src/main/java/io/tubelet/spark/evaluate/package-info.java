/**
 * Networks at work after training: classifying the views of videos, probing features and writing
 * what networks say as Parquet, as Spark jobs. Read {@link io.tubelet.spark.evaluate.Inference}
 * first. May use {@code files}, {@code cluster}, {@code data}, {@code train}, the video module and
 * the core.
 */
package io.tubelet.spark.evaluate;
