/**
 * The verbs of the job, a class or a method each: configuration in, {@link
 * io.tubelet.spark.stage.Outcome} out. Read {@link io.tubelet.spark.stage.Stages} first, then
 * {@link io.tubelet.spark.stage.Run} and {@link io.tubelet.spark.stage.TrainingStage}. May use
 * everything but {@code cli}.
 */
package io.tubelet.spark.stage;
