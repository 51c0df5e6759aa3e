/**
 * A run at rest: configuration, events and checkpoints in one folder on any Hadoop file system.
 *
 * <pre>
 * run/
 *   config.conf                     the resolved configuration, with the origin of each value
 *   pretrain/ finetune/ scratch/    one folder a training
 *     events.jsonl                  one line a round: {@link io.tubelet.training.RoundMetrics}
 *     events.out.tfevents…          the same for TensorBoard
 *     quarantine.json               videos that gave nothing, where training reads videos
 *     checkpoints/step-N/           {@link io.tubelet.spark.run.Checkpoints}
 *     chosen/step-N/                what fine-tuning chose, if it had to: weights as in checkpoints
 *     candidates.json               among what
 *   evaluation/NAME.json            accuracies
 *   features/CORPUS-POOLING/        Parquet files of features, and features.json, written last
 *   reconstructions/ attention/     clips as PNG and GIF
 *   report.html                     one file, opens without a network
 * </pre>
 *
 * Read {@link io.tubelet.spark.run.Checkpoints} first. May use {@code files}, {@code data}, {@code
 * round} and the core.
 */
package io.tubelet.spark.run;
