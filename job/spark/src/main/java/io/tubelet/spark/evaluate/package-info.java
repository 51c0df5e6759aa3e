/**
 * Networks at work after training: classifying the views of videos, reconstructing hidden cubes,
 * writing features and probing them, as Spark jobs. Read {@link
 * io.tubelet.spark.evaluate.Inference} first. May use {@code data}, {@code train}, the video module
 * and the core.
 */
package io.tubelet.spark.evaluate;
