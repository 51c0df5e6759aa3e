package io.tubelet.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.evaluate.Accuracy;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.InvalidConfigException;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.MotionJob;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.train.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.lang3.ArrayUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Experiments of seconds on a small synthetic corpus. */
@TestInstance(Lifecycle.PER_CLASS)
class ExperimentTest {
  private static final String ARMS =
      """
      [
        { name = scratch, set { finetune.from = scratch } }
        { name = pretrained, against = scratch, at-least = 1 }
        { name = "one label", set { finetune.labels-per-class = 1 } }
      ]
      """;

  @TempDir private Path folder;

  private JobConfig config(String name, String arms, String... overrides) throws IOException {
    Path file = folder.resolve(name + ".conf");
    Files.writeString(
        file,
        """
        tubelet {
          run { dir = "%1$s/%2$s", name = %2$s }
          data {
            store = "%1$s/store"
            motion { size = 16, frames = 8, train-per-class = 2, test-per-class = 1, unlabelled = 10 }
            pretrain { source = motion, stride = 1 }
            train { source = motion }
            test { source = motion }
            short-side = 16
          }
          model { size = tiny, geometry { frames = 4, height = 16, width = 16, patch = 8 } }
          masking.ratio = 0.5
          pretrain { epochs = 2, batch = 5, warmup-epochs = 0 }
          finetune { epochs = 1, batch = 4, warmup-epochs = 0 }
          evaluate { clips = 1, crops = 1, controls = [shuffled] }
          engine.name = torch
          experiment { title = "Is it so?", notes = ["Nothing was tried."], seeds = [3, 5], to = "%1$s/results", arms = %3$s }
        }
        """
            .formatted(folder, name, arms));
    return JobConfig.load(file.toString(), List.of(overrides), new Configuration());
  }

  private static Outcome run(JobConfig config) throws Exception {
    return Stages.all().get("experiment").run(config, LocalSpark.session());
  }

  private Map<Path, FileTime> files(String below) throws IOException {
    Map<Path, FileTime> times = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder.resolve(below))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        times.put(file, Files.getLastModifiedTime(file));
      }
    }
    return times;
  }

  private List<String> names(String below) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(below))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void comparesArmsBySeedAndGoesOnWhereItStopped() throws Exception {
    JobConfig config = config("labels", ARMS);
    run(config);
    String page = Files.readString(folder.resolve("results/labels.md"));
    assertThat(page)
        .startsWith("# Is it so?\n\nTop-1 accuracy: scratch ")
        .contains(
            "Nothing was tried.",
            "| arm | mean | 95 % over seeds | 95 % over videos | seed 3 | seed 5 |",
            "| pretrained | ",
            " against scratch (95 %: ",
            "; McNemar p with each seed at most ",
            "100.0 %: **missed**",
            "## Top-1 accuracy, frames shuffled",
            "## Pretraining loss, mean of the last epoch",
            "![Fine-tuning loss](labels-2.svg)",
            "minutes of training rounds");
    assertThat(folder.resolve("results/labels-1.svg")).content().contains("pretrained; one label");
    // both arms that want a pretraining share it; each seed has its own
    assertThat(names("labels/pretraining")).hasSize(2);
    assertThat(names("labels/arms")).hasSize(6);

    // as if it had been killed in the last trial
    Map<Path, FileTime> before = files("labels");
    Path cut =
        before.keySet().stream().filter(f -> f.endsWith("scratch.json")).findFirst().orElseThrow();
    Path lost = cut.resolveSibling("scratch-shuffled.json");
    Files.delete(lost);
    run(config);
    Map<Path, FileTime> after = files("labels");
    assertThat(after.keySet()).isEqualTo(before.keySet());
    Path redone = lost.getParent();
    before.keySet().removeIf(file -> file.startsWith(redone));
    assertThat(after).containsAllEntriesOf(before);
    assertThat(folder.resolve("results/labels.md")).hasContent(page);
  }

  @Test
  void judgesByTheLossAloneAndGathersAllResults() throws Exception {
    String arms =
        "[{ name = half, set { masking.ratio = 0.5 } }, { name = more, set { masking.ratio = 0.75"
            + " }, against = half }]";
    run(
        config(
            "ratios",
            arms,
            "experiment.judge=loss",
            "experiment.seeds=[3]",
            "experiment.title=Which ratio?"));
    assertThat(folder.resolve("results/ratios.md"))
        .content()
        .startsWith("# Which ratio?\n\nPretraining loss, mean of the last epoch: half ")
        .doesNotContain("Top-1");
    assertThat(folder.resolve("ratios/arms")).doesNotExist();
    Files.writeString(folder.resolve("results/another.md"), "# Another\n\nSome sentence.\n");
    run(config("ratios", arms, "experiment.judge=loss", "experiment.seeds=[3]"));
    assertThat(folder.resolve("results/README.md"))
        .content()
        .contains("## [Another](another.md)\n\nSome sentence.", "## [Is it so?](ratios.md)");
  }

  /** Three videos a class; what one fold tests, it has not trained on. */
  @Test
  void testsEachGroupWithANetworkThatHasNotSeenIt() throws Exception {
    String arms = "[{ name = scratch, set.finetune.from = scratch }]";
    String motion = folder.resolve("folds/store/motion/train").toString();
    String[] settings = {
      "data.store=" + folder.resolve("folds/store"),
      "data.motion.train-per-class=3",
      "data.train.source=" + motion,
      "data.test.source=" + motion,
      "finetune.labels-per-class=0",
      "evaluate.controls=[]",
      "experiment.seeds=[3]",
      "experiment.groups=[\"000[12][.]\", \"0003[.]\"]"
    };
    JobConfig config = config("folds", arms, settings);
    new MotionJob(new org.apache.hadoop.fs.Path(motion).getParent(), PrepareStage.motionSet(config))
        .run(new JavaSparkContext(LocalSpark.session().sparkContext()));
    run(config);

    List<Accuracy> folds = new ArrayList<>();
    for (String arm : names("folds/arms")) {
      Path at = folder.resolve("folds/arms").resolve(arm);
      RunFolder of = new RunFolder(new Configuration(), new org.apache.hadoop.fs.Path(at.toUri()));
      new ReportResults(of).evaluated("scratch").ifPresent(e -> folds.add(e.accuracy()));
    }
    // ten classes: a fold of two videos each and one of one, whose videos are other ones
    assertThat(folds).extracting(Accuracy::videos).containsExactlyInAnyOrder(20, 10);
    double share = (folds.get(0).top1() + folds.get(1).top1()) / 30.0;
    assertThat(folder.resolve("results/folds.md"))
        .content()
        .contains(": scratch %.1f %%.".formatted(100 * share));

    Run fold = new Run(config.with(List.of("data.held-out=\"0003[.]\"")), LocalSpark.session());
    assertThat(fold.store(Role.TEST).clips()).allMatch(clip -> clip.source().contains("0003."));
    assertThat(fold.store(Role.TRAIN).clips()).noneMatch(clip -> clip.source().contains("0003."));
    assertThat(fold.store(Role.TRAIN).manifest().videos()).isEqualTo(20);

    JobConfig none = config("folds", arms, ArrayUtils.add(settings, "experiment.groups=[nobody]"));
    assertThatThrownBy(() -> run(none))
        .isInstanceOf(StateException.class)
        .hasMessageContaining("no video of store")
        .hasMessageContaining("test nobody");
  }

  @Test
  void findsWhatIsWrongWithAnArmBeforeAnythingRuns() throws Exception {
    JobConfig wrong = config("wrong", "[{ name = big, set { masking.ratio = 2 } }]");
    assertThatThrownBy(() -> run(wrong))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("experiment.arms, \"big\"")
        .hasMessageContaining("masking.ratio");
    assertThat(folder.resolve("wrong")).doesNotExist();
    assertThatThrownBy(() -> config("wrong", "[{ nam = big }]"))
        .hasMessageContaining("experiment.arms")
        .hasMessageContaining("expected list of arms");
    assertThatThrownBy(() -> config("wrong", "[{ name = a, against = b }]"))
        .hasMessageContaining("are compared with one another");
    assertThatThrownBy(() -> run(config("wrong", "[]"))).isInstanceOf(DataException.class);
  }
}
