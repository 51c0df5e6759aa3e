package io.tubelet.spark.config;

import io.tubelet.training.DropPath;
import java.io.Serializable;

/**
 * Supervised training of an encoder with a classifier on top.
 *
 * @param training epochs, batches, rates
 * @param from first weights of the encoder
 * @param compareScratch whether the same training is done from random weights too
 * @param labelSmoothing share of a label, 0 to 1, that is spread over all classes
 */
public record FinetuneConfig(
    TrainingConfig training, Start from, boolean compareScratch, double labelSmoothing)
    implements Serializable {

  /** Where the encoder's first weights come from. */
  public sealed interface Start extends Serializable
      permits Start.Pretrained, Start.Scratch, Start.Checkpoint {

    /** This run's newest pretraining checkpoint. */
    record Pretrained() implements Start {}

    /** Random weights. */
    record Scratch() implements Start {}

    /**
     * Some checkpoint folder.
     *
     * @param path a path or a Hadoop URI
     */
    record Checkpoint(String path) implements Start {}

    private static Start of(String text) {
      return switch (text) {
        case "pretrain" -> new Pretrained();
        case "scratch" -> new Scratch();
        default -> new Checkpoint(text);
      };
    }
  }

  static FinetuneConfig read(Section finetune) {
    return new FinetuneConfig(
        TrainingConfig.read(
            finetune,
            finetune.number("layer-decay", "(0, 1]"),
            AugmentationConfig.finetuning(finetune),
            new DropPath(
                finetune.number("drop-path", "[0, 1)"), finetune.number("head-dropout", "[0, 1)")),
            new TrainingConfig.Selection(
                finetune.integer("labels-per-class", "[0, 1000000]"),
                1,
                finetune.number("validation", "[0, 1)"))),
        Start.of(finetune.path("from")),
        finetune.flag("compare-scratch"),
        finetune.number("label-smoothing", "[0, 1)"));
  }
}
