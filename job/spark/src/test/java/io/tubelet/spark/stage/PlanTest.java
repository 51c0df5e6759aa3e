package io.tubelet.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.tubelet.model.ParameterLayout;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.train.EventLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is planned against what then happens. */
class PlanTest {
  @TempDir private Path folder;

  private JobConfig config(String... more) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "run.dir=" + folder.resolve("run"),
                "data.motion.size=16",
                "data.motion.frames=12",
                "data.motion.train-per-class=1",
                "data.motion.unlabelled=21",
                "data.short-side=18",
                "data.shard-clips=8",
                "data.pretrain.source=motion",
                "data.pretrain.stride=1",
                "data.train.source=motion",
                "data.train.clips=3",
                "model.size=tiny",
                "model.geometry.frames=4",
                "model.geometry.height=16",
                "model.geometry.width=16",
                "model.geometry.patch=8",
                "masking.ratio=0.5",
                "pretrain.epochs=1",
                "pretrain.batch=3",
                "pretrain.replicas=2",
                "pretrain.warmup-epochs=0",
                "pretrain.averaging.period=2",
                "engine.name=torch"));
    settings.addAll(List.of(more));
    return JobConfig.load("", settings, new Configuration());
  }

  private static Map<Role, PlanStage.StorePlan> stores(JobConfig config) throws IOException {
    return PlanStage.stores(new Run(config, LocalSpark.session()));
  }

  @Test
  void knowsTheShardsAndTheirBytesExactly() throws Exception {
    Map<Role, PlanStage.StorePlan> planned = stores(config());
    assertThat(folder.resolve("run")).doesNotExist();
    Stages.all().get("prepare").run(config(), LocalSpark.session());

    for (Role role : List.of(Role.PRETRAIN, Role.TRAIN)) {
      List<Path> shards = shards(role);
      long bytes = 0;
      for (Path shard : shards) {
        bytes += Files.size(shard);
      }
      assertThat(planned.get(role).shards()).isEqualTo(shards.size());
      assertThat(planned.get(role).bytes()).isEqualTo(bytes);
    }
    assertThat(planned.get(Role.TRAIN).clips()).isEqualTo(30);
  }

  @Test
  void knowsTheBytesOfSpansThatTheVideosFill() throws Exception {
    JobConfig spans = config("data.span=2");
    Map<Role, PlanStage.StorePlan> planned = stores(spans);
    Stages.all().get("prepare").run(spans, LocalSpark.session());
    for (Role role : List.of(Role.PRETRAIN, Role.TRAIN)) {
      long bytes = 0;
      for (Path shard : shards(role)) {
        bytes += Files.size(shard);
      }
      assertThat(1.0 * bytes / planned.get(role).bytes()).isCloseTo(1, within(0.01));
    }
    assertThat(stores(config()).get(Role.TRAIN).bytes())
        .isCloseTo(planned.get(Role.TRAIN).bytes() / 2, withinPercentage(10));
  }

  @Test
  void saysWhatEveryPublishedRecipeCosts() throws Exception {
    Map<String, List<String>> parameters =
        Map.of(
            "s", List.of("24,029,376", "22,033,936"),
            "b", List.of("94,210,944", "86,534,800"),
            "l", List.of("342,996,992", "304,270,736"),
            "h", List.of("692,487,296", "632,119,440"));
    Map<Role, PlanStage.StorePlan> stores =
        stores(config("data.motion.unlabelled=2048", "data.motion.train-per-class=30"));
    try (var files = Files.list(Path.of("../../conf/presets"))) {
      for (Path preset : files.filter(file -> !file.endsWith("published.conf")).toList()) {
        JobConfig config =
            JobConfig.load(
                preset.toString(), List.of("plan.clips-per-second=10"), new Configuration());
        List<TrainingPlan> planned = PlanStage.trainings(config, stores);
        String size = preset.getFileName().toString().replaceFirst("[^-]*-(.)[-.].*", "$1");
        List<String> exact = parameters.get(size);
        assertThat(String.join("\n", planned.get(0).lines(config.plan(), 1)))
            .as(preset.toString())
            .contains("pretrain: " + exact.get(0) + " parameters, ", "hours at 10.0 clips/s each");
        assertThat(planned.get(0).replicaHours())
            .isEqualTo(2048.0 * config.pretrain().epochs() / 10 / 3600);
        assertThat(String.join("\n", planned.get(1).lines(config.plan(), 1)))
            .contains("finetune: " + exact.get(1) + " parameters, ");
      }
    }
    List<String> giant = List.of("model.size=g", "model.geometry.patch=14");
    JobConfig config = JobConfig.load("", giant, new Configuration());
    assertThat(PlanStage.trainings(config, stores).get(1).lines(config.plan(), 1).get(0))
        .startsWith("finetune: 1,012,174,352 parameters, ");
  }

  private List<Path> shards(Role role) throws IOException {
    try (var files = Files.list(folder.resolve("run/store/" + role.word() + "/shards"))) {
      return files.filter(f -> f.toString().endsWith(".arrow")).filter(f -> !hidden(f)).toList();
    }
  }

  private static boolean hidden(Path file) {
    return file.getFileName().toString().startsWith(".");
  }

  /** Bytes of results that tasks report. */
  private static final class Traffic extends SparkListener {
    private final AtomicLong results = new AtomicLong();

    @Override
    public void onTaskEnd(SparkListenerTaskEnd task) {
      results.addAndGet(task.taskMetrics().resultSize());
    }
  }

  @Test
  void knowsTheRoundsAndThatNoWeightsPassThroughTheDriver() throws Exception {
    JobConfig config = config("run.dir=" + folder.resolve("plain"));
    SparkSession spark = LocalSpark.session();
    TrainingPlan planned = PlanStage.trainings(config, stores(config)).get(0);
    Stages.all().get("prepare").run(config, spark);
    spark.sparkContext().listenerBus().waitUntilEmpty(60_000);
    Traffic traffic = new Traffic();
    spark.sparkContext().addSparkListener(traffic);
    Stages.all().get("pretrain").run(config, spark);
    spark.sparkContext().listenerBus().waitUntilEmpty(60_000);
    spark.sparkContext().removeSparkListener(traffic);

    assertThat(planned.rounds())
        .isEqualTo(EventLog.read(new Configuration(), events(config)).size());
    long weights = ParameterLayout.of(config.model().spec()).count() * Float.BYTES;
    assertThat(planned.moved()).isEqualTo(3 * weights); // and two moments
    assertThat(traffic.results.get()).isBetween(1L, weights / 4);
  }

  private static org.apache.hadoop.fs.Path events(JobConfig config) {
    return new org.apache.hadoop.fs.Path(config.run().dir(), "pretrain/events.jsonl");
  }

  @Test
  void reckonsWhatMeetingsTakeBesideSteps() {
    // two replicas of half a gigabyte: each sends half, then its half of the mean
    RoundModel meeting = new RoundModel(125_000_000, 4);
    assertThat(meeting.bytes(2)).isEqualTo(500e6);
    // 0.4 s on the way, three copies at 4 GB/s, 125 million values folded at 500 million a second
    assertThat(meeting.seconds(2, 10, 1)).isCloseTo(0.4 + 0.375 + 0.25 + 0.005, within(1e-9));
    // eight send 7/8 of it twice; half a core takes twice as long for copies and fold
    assertThat(meeting.seconds(8, 10, 0.5)).isCloseTo(0.7 + 0.75 + 0.5 + 0.005, within(1e-9));
    assertThat(new RoundModel(125_000_000, 2).bytes(2)).isEqualTo(250e6);
  }

  @Test
  void countsHoursByTheSpeedOfAReplicaAndWantsASource() throws Exception {
    SparkSession spark = LocalSpark.session();
    JobConfig config =
        config("plan.clips-per-second=10", "pretrain.epochs=100", "pretrain.repeats=2");
    assertThat(PlanStage.trainings(config, stores(config)).get(0).replicaHours())
        .isEqualTo(21 * 100 * 2 / 10.0 / 3600);
    assertThat(Stages.all().get("plan").run(config, spark).message()).contains("nothing");
    assertThatThrownBy(
            () ->
                Stages.all()
                    .get("plan")
                    .run(config("data.pretrain.source=", "data.train.source="), spark))
        .isInstanceOf(DataException.class);
  }
}
