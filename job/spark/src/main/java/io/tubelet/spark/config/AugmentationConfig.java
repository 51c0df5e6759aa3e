package io.tubelet.spark.config;

import static java.util.stream.Collectors.toMap;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Augmentation.ColourJitter;
import io.tubelet.augment.Augmentation.RandomErasing;
import io.tubelet.augment.Crop;
import io.tubelet.augment.Flip;
import io.tubelet.augment.Flip.Axis;
import io.tubelet.augment.Mixup;
import io.tubelet.augment.RandAugment;
import io.tubelet.spark.config.Binder.Else;
import io.tubelet.spark.config.Binder.In;
import io.tubelet.spark.config.Binder.Key;
import io.tubelet.spark.config.ModelConfig.Kind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What varies a clip from epoch to epoch. */
record AugmentationConfig(
    @Else("multi-scale") CropKind crop,
    boolean flip,
    @In("[1, 64]") int repeats,
    @Else("masked") Kind kind,
    @Key("augmentation") Transforms transforms) {

  /** A second flip along an axis would undo the first; samples beyond two would be no views. */
  AugmentationConfig {
    if (kind == Kind.MOCO_V3 && repeats > 1) {
      throw new IllegalArgumentException(
          "kind = moco-v3 makes two samples of a clip, its views: no other repeats than 1");
    }
    long axes = flips(flip, transforms).map(Flip::axis).distinct().count();
    if (axes < flips(flip, transforms).count()) {
      throw new IllegalArgumentException(
          "a clip is flipped once along an axis; flip = true does it along the columns");
    }
  }

  enum CropKind {
    MULTI_SCALE,
    RANDOM_RESIZED,
    CENTER
  }

  /** What varies a clip besides crop and flip; pretraining has the colours alone. */
  record Transforms(
      RandAugmentKeys randAugment,
      @In("[0, 1]") double colours,
      @Else("[]") List<Flip> flips,
      @In("[0, 1]") @Else("0") double erasing,
      @In("[0, 100]") @Else("0") double mixup,
      @In("[0, 100]") @Else("0") double cutmix) {}

  record RandAugmentKeys(
      @In("[0, 64]") @Else("0") int operations, @In("[0, 10]") @Else("0") double magnitude) {
    /** Standard deviation of the level; published. */
    private static final double DEVIATION = 0.5;

    private RandAugment policy() {
      return operations == 0 && magnitude == 0
          ? RandAugment.NONE
          : new RandAugment(operations, magnitude, DEVIATION);
    }
  }

  Augmentation augmentation() {
    Crop part =
        switch (crop) {
          case MULTI_SCALE -> new Crop.MultiScale();
          case RANDOM_RESIZED -> new Crop.RandomResized();
          case CENTER -> new Crop.Centre(0.5);
        };
    return new Augmentation(
        transforms.randAugment.policy(),
        new ColourJitter(transforms.colours),
        part,
        flips(flip, transforms).toList(),
        new RandomErasing(transforms.erasing),
        mixing(),
        kind == Kind.MOCO_V3 ? 2 : repeats);
  }

  /** Every minibatch is mixed, with CutMix half of the time where both are on: published. */
  private Mixup mixing() {
    return transforms.mixup == 0 && transforms.cutmix == 0
        ? Mixup.NONE
        : new Mixup(transforms.mixup, transforms.cutmix, 1, 0.5);
  }

  private static Stream<Flip> flips(boolean flip, Transforms transforms) {
    Stream<Flip> mirrored = flip ? Stream.of(Flip.of(Axis.COLUMNS)) : Stream.of();
    return Stream.concat(mirrored, transforms.flips.stream());
  }

  static final Values.Type<Flip> FLIPS =
      new Values.Type<>(
          "list of sections with axis (columns, rows, diagonal or frames) and swaps (pairs of"
              + " labels)",
          AugmentationConfig::flip);

  private static Optional<Flip> flip(ConfigValue value) {
    if (!(value instanceof ConfigObject one)
        || !Set.of("axis", "swaps").containsAll(one.keySet())) {
      return Optional.empty();
    }
    Optional<Axis> axis =
        Optional.ofNullable(one.get("axis"))
            .flatMap(Values.oneOf(List.of(Axis.values()), Values::word).parse());
    Optional<Map<String, String>> swaps =
        one.containsKey("swaps") ? swaps(one.get("swaps")) : Optional.of(Map.of());
    return axis.flatMap(along -> swaps.map(both -> new Flip(along, both)));
  }

  /** Pairs of labels as a map both ways; empty if they are none, or a label comes twice. */
  private static Optional<Map<String, String>> swaps(ConfigValue pairs) {
    return Values.<List<String>>elements(pairs, pair -> Values.<String>elements(pair, Values::word))
        .filter(all -> all.stream().allMatch(pair -> pair.size() == 2))
        .filter(all -> all.stream().flatMap(List::stream).distinct().count() == 2L * all.size())
        .map(
            all ->
                all.stream()
                    .flatMap(pair -> Stream.of(pair, List.of(pair.get(1), pair.get(0))))
                    .collect(toMap(pair -> pair.get(0), pair -> pair.get(1))));
  }
}
