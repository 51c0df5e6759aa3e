package io.tubelet.spark.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.tubelet.spark.config.Binder.In;
import io.tubelet.spark.config.InvalidConfigException.Problem;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Arms that are compared, each with every seed. */
public record ExperimentConfig(
    String title,
    List<String> notes,
    @In("path") String to,
    Judge judge,
    @In("[0, 1000000]") List<Integer> seeds,
    List<String> groups,
    List<Arm> arms)
    implements Serializable {

  static final Values.Type<Arm> ARMS = new Values.Type<>("list of arms", Arm::of);

  /** Fails if two arms have one name, or one is compared with an arm that is not there. */
  public ExperimentConfig {
    List<String> names = arms.stream().map(Arm::name).toList();
    if (Set.copyOf(names).size() < names.size()
        || !arms.stream().allMatch(arm -> arm.against.isEmpty() || names.contains(arm.against))) {
      throw new IllegalArgumentException(
          "arms need names of their own, and are compared with one another");
    }
  }

  /** By what arms are compared. */
  public enum Judge {
    LOSS,
    VALIDATION,
    ACCURACY
  }

  /** What differs from what all arms share. */
  public record Arm(String name, List<String> settings, String against, double atLeast)
      implements Serializable {

    private static final Values.Range SHARE = Values.Range.of("[0, 1]");

    private static Optional<Arm> of(ConfigValue value) {
      if (!(value instanceof ConfigObject arm)) {
        return Optional.empty();
      }
      Optional<String> name = Optional.ofNullable(arm.get("name")).flatMap(Values::word);
      if (name.isEmpty()
          || !Set.of("name", "set", "against", "at-least").containsAll(arm.keySet())) {
        return Optional.empty();
      }
      List<String> settings =
          arm.get("set") instanceof ConfigObject set
              ? set.toConfig().entrySet().stream()
                  .map(entry -> entry.getKey() + "=" + Layers.render(entry.getValue()))
                  .sorted()
                  .toList()
              : List.of();
      return Optional.of(
          new Arm(
              name.get(),
              settings,
              Optional.ofNullable(arm.get("against")).flatMap(Values::word).orElse(""),
              Optional.ofNullable(arm.get("at-least"))
                  .flatMap(share -> Values.number(share, SHARE))
                  .orElse(0.0)));
    }
  }

  /**
   * One arm with one seed.
   *
   * @param folds all that it does, once for each group that is held out; their {@code run.dir} is
   *     the experiment's
   */
  public record Trial(Arm arm, int seed, List<JobConfig> folds) {}

  /**
   * Every arm with every seed; all share the store and the synthetic set, unless an arm has its
   * own.
   *
   * @param shared the configuration of this experiment
   * @throws InvalidConfigException with everything that is wrong with an arm
   */
  public List<Trial> trials(JobConfig shared) {
    List<String> common =
        List.of(
            "data.store=" + shared.data().store(),
            "data.seed=" + shared.data().seed(),
            "finetune.compare=[]");
    List<String> folds = groups.isEmpty() ? List.of(shared.data().heldOut()) : groups;
    List<Trial> trials = new ArrayList<>();
    for (Arm arm : arms) {
      for (int seed : seeds) {
        List<JobConfig> configs = new ArrayList<>();
        for (String group : folds) {
          List<String> settings = new ArrayList<>(common);
          settings.addAll(arm.settings);
          settings.add("run.seed=" + seed);
          settings.add("data.held-out=" + Layers.render(ConfigValueFactory.fromAnyRef(group)));
          configs.add(with(shared, arm, settings));
        }
        trials.add(new Trial(arm, seed, configs));
      }
    }
    return trials;
  }

  private static JobConfig with(JobConfig shared, Arm arm, List<String> settings) {
    try {
      return shared.with(settings);
    } catch (InvalidConfigException e) {
      String origin = "experiment.arms, \"%s\"".formatted(arm.name);
      throw new InvalidConfigException(
          e.problems().stream().map(p -> new Problem(p.key(), origin, p.message())).toList());
    }
  }
}
