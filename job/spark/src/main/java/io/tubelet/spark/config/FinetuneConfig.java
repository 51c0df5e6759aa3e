package io.tubelet.spark.config;

import io.tubelet.spark.config.Binder.In;
import io.tubelet.spark.config.Binder.Key;
import java.io.Serializable;

/** Supervised training of an encoder with a classifier on top. */
public record FinetuneConfig(
    @Key("") TrainingConfig training,
    Start from,
    boolean compareScratch,
    @In("[0, 1)") double labelSmoothing)
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

  static final Values.Type<Start> START =
      new Values.Type<>(
          "path", value -> Values.word(value).filter(text -> !text.isBlank()).map(Start::of));
}
