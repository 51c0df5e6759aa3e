/**
 * Networks at work after training: classifying the views of videos, reconstructing hidden cubes,
 * writing features and probing them, as Spark jobs. Read {@link
 * io.tubelet.spark.inference.Inference} first. May use {@code data}, {@code round} and the core.
 */
package io.tubelet.spark.inference;
