package io.tubelet.spark.config;

import static java.util.stream.Collectors.toMap;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.tubelet.augment.Augmentation;
import io.tubelet.augment.ColourJitter;
import io.tubelet.augment.Crop;
import io.tubelet.augment.Flip;
import io.tubelet.augment.Flip.Axis;
import io.tubelet.augment.Mixup;
import io.tubelet.augment.RandAugment;
import io.tubelet.augment.RandomErasing;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What varies a clip from epoch to epoch. */
final class AugmentationConfig {
  private static final String REPEATS = "[1, 64]";
  private static final Set<String> REFLECTION = Set.of("axis", "swaps");

  private enum CropKind {
    MULTI_SCALE,
    RANDOM_RESIZED,
    CENTER
  }

  private static final String TAKES =
      "list of sections with axis (columns, rows, diagonal or frames) and swaps (pairs of labels)";

  private AugmentationConfig() {}

  /** Colours, crop, flip and repeats. */
  static Augmentation pretraining(Section pretrain) {
    return new Augmentation(
        RandAugment.NONE,
        new ColourJitter(pretrain.number("colours", "[0, 1]")),
        crop(pretrain),
        flip(pretrain),
        RandomErasing.NONE,
        Mixup.NONE,
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
        reflections(finetune, more),
        new RandomErasing(more.number("erasing", "[0, 1]")),
        new Mixup(
            more.number("mixup", "[0, 100]"),
            more.number("cutmix", "[0, 100]"),
            more.number("mixing", "[0, 1]"),
            more.number("cutmix-share", "[0, 1]")),
        finetune.integer("repeats", REPEATS));
  }

  private static List<Flip> flip(Section training) {
    return training.flag("flip") ? List.of(Flip.of(Axis.COLUMNS)) : List.of();
  }

  private static List<Flip> reflections(Section finetune, Section more) {
    List<Flip> reflections = more.sections("reflections", TAKES, AugmentationConfig::reflection);
    List<Flip> all = Stream.concat(flip(finetune).stream(), reflections.stream()).toList();
    finetune.require(
        all.stream().map(Flip::axis).distinct().count() == all.size(),
        "a clip is turned round once along an axis; flip = true does it along the columns",
        "flip",
        "augmentation.reflections");
    return all;
  }

  private static Optional<Flip> reflection(ConfigObject one) {
    Optional<Axis> axis =
        Optional.ofNullable(one.get("axis")).flatMap(value -> Section.constant(value, Axis.class));
    Optional<Map<String, String>> swaps =
        one.containsKey("swaps") ? swaps(one.get("swaps")) : Optional.of(Map.of());
    return REFLECTION.containsAll(one.keySet())
        ? axis.flatMap(along -> swaps.map(both -> new Flip(along, both)))
        : Optional.empty();
  }

  /** Pairs of labels as a map both ways; empty if they are none, or a label comes twice. */
  private static Optional<Map<String, String>> swaps(ConfigValue pairs) {
    return Section.elements(pairs, pair -> Section.elements(pair, Section::word))
        .filter(all -> all.stream().allMatch(pair -> pair.size() == 2))
        .filter(all -> all.stream().flatMap(List::stream).distinct().count() == 2L * all.size())
        .map(
            all ->
                all.stream()
                    .flatMap(pair -> Stream.of(pair, List.of(pair.get(1), pair.get(0))))
                    .collect(toMap(pair -> pair.get(0), pair -> pair.get(1))));
  }

  private static Crop crop(Section training) {
    return switch (training.choice("crop", CropKind.class)) {
      case MULTI_SCALE -> new Crop.MultiScale();
      case RANDOM_RESIZED -> new Crop.RandomResized();
      case CENTER -> new Crop.Centre(0.5);
    };
  }
}
