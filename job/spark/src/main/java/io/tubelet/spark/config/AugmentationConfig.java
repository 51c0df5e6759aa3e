package io.tubelet.spark.config;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.ColourJitter;
import io.tubelet.augment.Crop;
import io.tubelet.augment.Mixing;
import io.tubelet.augment.RandomErasing;
import io.tubelet.augment.policy.RandAugment;

/** What varies a clip from epoch to epoch. */
final class AugmentationConfig {
  private static final String REPEATS = "[1, 64]";

  private enum CropKind {
    MULTI_SCALE,
    RANDOM_RESIZED,
    CENTER
  }

  private AugmentationConfig() {}

  /** Colours, crop, flip and repeats. */
  static Augmentation pretraining(Section pretrain) {
    return new Augmentation(
        RandAugment.NONE,
        new ColourJitter(pretrain.number("colours", "[0, 1]")),
        crop(pretrain),
        pretrain.flag("flip"),
        RandomErasing.NONE,
        Mixing.NONE,
        pretrain.integer("repeats", REPEATS));
  }

  /** Everything. */
  static Augmentation finetuning(Section finetune) {
    Section more = finetune.section("augmentation");
    Section policy = more.section("rand-augment");
    return new Augmentation(
        new RandAugment(
            policy.integer("operations", "[0, 64]"),
            policy.number("magnitude", "[0, 10]"),
            policy.number("deviation", "[0, 10]")),
        new ColourJitter(more.number("colours", "[0, 1]")),
        crop(finetune),
        finetune.flag("flip"),
        new RandomErasing(more.number("erasing", "[0, 1]")),
        new Mixing(
            more.number("mixup", "[0, 100]"),
            more.number("cutmix", "[0, 100]"),
            more.number("mixing", "[0, 1]"),
            more.number("cutmix-share", "[0, 1]")),
        finetune.integer("repeats", REPEATS));
  }

  private static Crop crop(Section training) {
    return switch (training.choice("crop", CropKind.class)) {
      case MULTI_SCALE -> new Crop.MultiScale();
      case RANDOM_RESIZED -> new Crop.RandomResized();
      case CENTER -> new Crop.Centre(0.5);
    };
  }
}
