package io.tubelet.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.ClipAccess;
import io.tubelet.spark.data.Quarantined;
import io.tubelet.spark.files.Failure.BudgetException;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.train.ClipTransform;
import io.tubelet.spark.train.EventLog;
import io.tubelet.spark.train.MinibatchSource;
import io.tubelet.spark.train.Quarantine;
import io.tubelet.spark.train.ReadAhead;
import io.tubelet.spark.train.Rounds;
import io.tubelet.spark.train.RunFolder;
import io.tubelet.train.RoundMetrics;
import io.tubelet.train.SamplePlan;
import io.tubelet.video.motion.MotionSet;
import io.tubelet.video.motion.SyntheticSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trains on ten videos of twelve frames without a store between. */
class TrainFromVideosTest {
  private static final int VIDEOS = 10;

  @TempDir private Path folder;

  @BeforeEach
  void makeVideos() throws IOException {
    MotionSet set =
        new MotionSet(new MotionSet.Spec(1, 16, 12), new MotionSet.Counts(0, 0, VIDEOS));
    for (SyntheticSet.Item item : set.items()) {
      Path label =
          Files.createDirectories(folder.resolve("videos/" + "ab".charAt(item.index() % 2)));
      Files.write(label.resolve(item.index() + ".mp4"), set.file(item));
    }
  }

  private JobConfig config(String run, String... more) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "run.dir=" + folder.resolve(run),
                "data.read=videos",
                "data.isolation=thread",
                "data.short-side=16",
                "data.pretrain.source=" + folder.resolve("videos"),
                "data.pretrain.stride=1",
                "model.size=tiny",
                "model.geometry.frames=4",
                "model.geometry.height=16",
                "model.geometry.width=16",
                "model.geometry.patch=8",
                "masking.ratio=0.5",
                "pretrain.epochs=3",
                "pretrain.batch=2",
                "pretrain.replicas=2",
                "pretrain.warmup-epochs=0",
                "pretrain.averaging.period=2",
                "training.checkpoint.every-rounds=2",
                "training.checkpoint.keep=9",
                "engine.name=torch"));
    settings.addAll(List.of(more));
    return JobConfig.load("", settings, new Configuration());
  }

  private Outcome run(String verb, String run, String... more) throws Exception {
    return Stages.all().get(verb).run(config(run, more), LocalSpark.session());
  }

  private RunFolder runFolder(String run) {
    return new RunFolder(
        new Configuration(), new org.apache.hadoop.fs.Path(folder.resolve(run).toUri()));
  }

  private List<RoundMetrics> events(String run) {
    return EventLog.read(new Configuration(), runFolder(run).events("pretrain"));
  }

  private List<Path> checkpoints(String run) throws IOException {
    try (var files = Files.list(folder.resolve(run + "/pretrain/checkpoints"))) {
      return files.sorted().toList();
    }
  }

  private byte[] weights(String run) throws IOException {
    List<Path> all = checkpoints(run);
    return Files.readAllBytes(all.get(all.size() - 1).resolve("model.safetensors"));
  }

  private void loseHalfOfTheCheckpoints(String run) throws IOException {
    List<Path> all = checkpoints(run);
    for (Path newest : all.subList(all.size() / 2, all.size())) {
      Files.delete(newest.resolve("state.json"));
    }
  }

  private void breakVideos(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      Files.writeString(folder.resolve("videos/a/broken %d.mp4".formatted(i)), "not a video");
    }
  }

  /** One window a video, or spans that are the whole video; also resumed. */
  @ParameterizedTest
  @CsvSource({
    "data.pretrain.stride=3, data.span=1",
    "data.pretrain.sampling=dense, data.span=3",
    "data.pretrain.sampling=uniform, data.span=4",
  })
  void comesToTheSameWeightsAsFromAStoreThatHasAllWindows(String windows, String span)
      throws Exception {
    run("pretrain", "videos", windows, span);
    assertThat(folder.resolve("videos/store")).doesNotExist();
    String[] store = {"data.read=store", windows, span};
    run("prepare", "store", store);
    run("pretrain", "store", store);
    assertThat(weights("store")).isEqualTo(weights("videos"));
    loseHalfOfTheCheckpoints("store");
    run("pretrain", "store", store);
    assertThat(weights("store")).isEqualTo(weights("videos"));
  }

  @Test
  void readsOtherWindowsInEveryEpochAndTheSameWithAnyNumberOfThreads() throws Exception {
    run("pretrain", "thread");
    run("pretrain", "process", "data.isolation=process");
    assertThat(weights("process")).isEqualTo(weights("thread"));
    assertThat(minibatches(3, "data.isolation=process")).isEqualTo(minibatches(1));
    run("pretrain", "spread", "data.pretrain.sampling=uniform");
    assertThat(weights("spread")).isNotEqualTo(weights("thread"));
  }

  /** The cubes of three epochs, read by this number of threads. */
  private List<ByteBuffer> minibatches(int threads, String... more) throws IOException {
    JobConfig config = config("run", more);
    TrainingData data = TrainingData.of(new Run(config, LocalSpark.session()), Role.PRETRAIN);
    SamplePlan plan = new SamplePlan(0, data.clips().size(), 1, 2);
    ClipAccess clips =
        data.access()
            .apply(new JavaSparkContext(LocalSpark.session().sparkContext()), data.clips());
    ClipTransform transform =
        new ClipTransform(
            config.model().spec().geometry(),
            config.pretrain().augmentation(),
            config.model().masking(),
            data.labels(),
            0,
            0);
    List<ByteBuffer> read = new ArrayList<>();
    try (ReadAhead batches =
        new MinibatchSource(plan, clips, transform, threads)
            .read(new Rounds(plan, 3, 5), 0, 3, 0)) {
      batches.forEachRemaining(batch -> read.add(ByteBuffer.wrap(batch.orElseThrow().cubes())));
    }
    return read;
  }

  @Test
  void leavesOutAndCountsVideosThatGiveNothing() throws Exception {
    breakVideos(2);
    run("pretrain", "run", "data.failure-budget=0.2", "pretrain.replicas=1", "pretrain.batch=1");

    Quarantine quarantine = Quarantine.read(runFolder("run"), "pretrain").orElseThrow();
    assertThat(quarantine.videos()).isEqualTo(VIDEOS + 2);
    assertThat(quarantine.sources())
        .extracting(Quarantined::source, Quarantined::reason)
        .containsExactlyInAnyOrder(
            tuple("a/broken 0.mp4", "NOT_MEDIA"), tuple("a/broken 1.mp4", "NOT_MEDIA"));
    // each is asked for once an epoch, and nothing takes its place
    assertThat(events("run").stream().mapToInt(RoundMetrics::quarantined).sum()).isEqualTo(2 * 3);
    double clips =
        events("run").stream().mapToDouble(e -> e.clipsPerSecond() * e.seconds().total()).sum();
    assertThat(Math.round(clips)).isEqualTo(VIDEOS * 3);

    // a minibatch of nothing but a broken video is a step without an update, also after a resume
    run("pretrain", "cut", "data.failure-budget=0.2", "pretrain.replicas=1", "pretrain.batch=1");
    loseHalfOfTheCheckpoints("cut");
    run("pretrain", "cut", "data.failure-budget=0.2", "pretrain.replicas=1", "pretrain.batch=1");
    assertThat(weights("cut")).isEqualTo(weights("run"));
  }

  @Test
  void stopsWhenTooManyGiveNothing() throws Exception {
    breakVideos(2);
    assertThatThrownBy(() -> run("pretrain", "run", "data.failure-budget=0.1"))
        .isInstanceOf(BudgetException.class)
        .hasMessageContaining("2 of 12 videos gave no clip while training")
        .hasMessageContaining("not a media file");
    assertThat(Quarantine.read(runFolder("run"), "pretrain").orElseThrow().sources()).hasSize(2);
  }

  @Test
  void fineTunesOnVideosAndCountsThemToTheReport() throws Exception {
    breakVideos(1);
    String source = folder.resolve("videos").toString();
    String[] settings = {
      "data.train.source=" + source,
      "data.test.source=" + source,
      "data.failure-budget=0.1",
      "finetune.from=scratch",
      "finetune.epochs=1",
      "finetune.warmup-epochs=0",
      "evaluate.clips=2"
    };
    run("prepare", "run", settings);
    run("finetune", "run", settings);
    assertThat(run("evaluate", "run", settings).message())
        .contains("of 10 videos (of 11 asked for, 1 quarantined)");
    run("report", "run", settings);
    assertThat(folder.resolve("run/report.html"))
        .content()
        .contains("30 clips from 20 of 22 videos; 2 sources gave no clip")
        .contains("a/broken 0.mp4", "NOT_MEDIA")
        .containsPattern(
            "<td class=\"number\">11</td>\\s*<td class=\"number\">10</td>\\s*<td"
                + " class=\"number\">1</td>");

    assertThat(folder.resolve("run/store")).isDirectoryContaining("glob:**/test");
    assertThat(folder.resolve("run/store/train")).doesNotExist();
    assertThatThrownBy(() -> run("reconstruct", "other"))
        .hasMessageContaining("run `pretrain` first");
    run("pretrain", "run", settings);
    assertThatThrownBy(() -> run("reconstruct", "run"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("data.read = videos makes no store of data.pretrain");
    assertThat(run("report", "run").status()).isEqualTo(Outcome.Status.DONE);
  }
}
