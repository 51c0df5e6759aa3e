/**
 * Training on Spark, and what it leaves in the run's folder on any Hadoop file system.
 *
 * <pre>
 * run/
 *   config.conf                     the resolved configuration, with the origin of each value
 *   TRAINING/                       pretrain, finetune, unpretrained, scratch, detection, detection-…
 *     events.jsonl                  one line a round: {@link io.tubelet.train.RoundMetrics}
 *     events.out.tfevents…          the same for TensorBoard
 *     quarantine.json               videos that gave nothing, where training reads videos
 *     start/                        the state before the first step, until there is a checkpoint
 *     checkpoints/step-N/           {@link io.tubelet.spark.train.CheckpointFolder}
 *     chosen/step-N/                the selected checkpoint of a fine-tuning, if one was selected
 *   evaluation/NAME.json            accuracies, or a detector's frame mAP; NAME.csv is its findings
 *   features/CORPUS-mean/           Parquet files of features, and features.json, written last
 *   predictions/                    Parquet files of classes, and predictions.csv, written last
 *   reconstructions/ attention/     clips as PNG and GIF
 *   report.html doctor/             pages that open without a network
 *   store/                          clips, unless data.store says otherwise
 *   export/ import.txt              weights for other programs; what became of imported ones
 *   lease.json                      which process writes the run, while one does
 * </pre>
 *
 * Read {@link io.tubelet.spark.train.TrainingLoop} first, then {@link
 * io.tubelet.spark.train.RoundsMaster}, {@link io.tubelet.spark.train.ReplicaTask} and {@link
 * io.tubelet.spark.train.CheckpointFolder}. May use {@code files}, {@code data}, {@code cluster},
 * the core, the engines and DL4J.
 */
package io.tubelet.spark.train;
