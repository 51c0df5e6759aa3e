package io.tubelet.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.files.Failure.BudgetException;
import io.tubelet.spark.files.Failure.BusyException;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.video.motion.MotionSet;
import io.tubelet.video.motion.SyntheticSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which store is the one that was asked for, and who may write it. Names are no patterns. */
class PrepareStageTest {
  private static final int VIDEOS = 6;

  @TempDir private Path folder;

  private void makeVideos(int seed) throws IOException {
    MotionSet set =
        new MotionSet(new MotionSet.Spec(seed, 16, 12), new MotionSet.Counts(0, 0, VIDEOS));
    Files.createDirectories(folder.resolve("videos"));
    for (SyntheticSet.Item item : set.items()) {
      Files.write(folder.resolve("videos/%d.mp4".formatted(item.index())), set.file(item));
    }
  }

  private Path store() {
    return folder.resolve("exp[1] {a,b} 10:00/pretrain");
  }

  private Outcome prepare(double budget, String... more) throws Exception {
    List<String> settings = new ArrayList<>(List.of(more));
    settings.addAll(
        List.of(
            "run.dir=" + folder.resolve("run"),
            "data.store=\"" + store().getParent() + "\"",
            "data.isolation=thread",
            "data.short-side=16",
            "data.shard-clips=2",
            "data.failure-budget=" + budget,
            "data.pretrain.source=" + folder.resolve("videos"),
            "data.pretrain.stride=2",
            "model.geometry.frames=4",
            "model.geometry.height=16",
            "model.geometry.width=16",
            "model.geometry.patch=8"));
    return new PrepareStage()
        .run(JobConfig.load("", settings, new Configuration()), LocalSpark.session());
  }

  private CubeStore.Manifest manifest() {
    org.apache.hadoop.fs.Path root = new org.apache.hadoop.fs.Path(null, null, store().toString());
    return CubeStore.open(LocalSpark.session(), root).manifest();
  }

  @Test
  void refusesOtherVideosUnderTheSameNames() throws Exception {
    makeVideos(1);
    prepare(0);
    assertThat(prepare(0).status()).isEqualTo(Outcome.Status.ALREADY_DONE);
    makeVideos(2);
    assertThatThrownBy(() -> prepare(0))
        .isInstanceOf(StateException.class)
        .hasMessageContaining("sizes of the videos' files");
  }

  @Test
  void decodesMendedFilesAndLeavesOtherShardsAlone() throws Exception {
    makeVideos(1);
    prepare(0);
    String whole = manifest().digest();
    Path video = folder.resolve("videos/3.mp4");
    byte[] good = Files.readAllBytes(video);
    FileUtil.fullyDelete(store().toFile());
    Files.write(video, Arrays.copyOf(good, good.length / 4));
    assertThatThrownBy(() -> prepare(0))
        .isInstanceOf(BudgetException.class)
        .hasMessageContaining("1 of 6 videos gave no clip")
        .hasMessageContaining("3.mp4")
        .hasMessageContaining("all in")
        .hasMessageContaining("quarantine.parquet");
    assertThat(store().resolve("quarantine.parquet")).isDirectory();
    assertThat(prepare(0.5).message()).contains("5 clips of 6 videos, 1 quarantined");
    Path other = store().resolve("shards/shard-00000.arrow");
    var kept = Files.getLastModifiedTime(other);

    Files.write(video, good);
    assertThat(prepare(0.5).message()).contains("6 clips of 6 videos, 0 quarantined");
    assertThat(manifest().digest()).isEqualTo(whole);
    assertThat(Files.getLastModifiedTime(other)).isEqualTo(kept);
  }

  @Test
  void takesVideosOfAnyLabelsWithTheSettingsForOnesOwn() throws Exception {
    makeVideos(1);
    Path list =
        Files.writeString(
            folder.resolve("list.csv"), "path,label\nvideos/0.mp4,stir\nvideos/1.mp4,pour\n");
    List<String> settings =
        List.of(
            "data.store=" + folder.resolve("own"),
            "data.pretrain.source=" + folder.resolve("videos"),
            "data.train.source=" + list,
            "data.test.source=" + list);
    JobConfig config = JobConfig.load("../../conf/own-videos.conf", settings, new Configuration());
    assertThat(new PrepareStage().run(config, LocalSpark.session()).message())
        .contains("6 clips of 6 videos, 0 quarantined")
        .contains("16 clips of 2 videos, 0 quarantined")
        .contains("4 clips of 2 videos, 0 quarantined");
  }

  @Test
  void keepsTheFramesHalfwayWhereTheyAreATarget() throws Exception {
    makeVideos(1);
    prepare(0);
    assertThatThrownBy(() -> prepare(0, "model.target-frames=double"))
        .isInstanceOf(StateException.class)
        .hasMessageContaining("model.geometry.frames 4 (now 8), stride 2 (now 1)");
    FileUtil.fullyDelete(store().toFile());
    prepare(0, "model.target-frames=double");
    assertThat(manifest().recipe().frames()).isEqualTo(8);
    assertThat(manifest().recipe().stride()).isEqualTo(1);
  }

  @Test
  void findsALabelThatNothingTeachesBeforeAnythingIsDecoded() throws Exception {
    makeVideos(1);
    Path train = Files.writeString(folder.resolve("train.csv"), "path,label\nvideos/1.mp4,a\n");
    Path test = Files.writeString(folder.resolve("test.csv"), "path,label\nvideos/2.mp4,c\n");
    assertThatThrownBy(() -> prepare(0, "data.train.source=" + train, "data.test.source=" + test))
        .isInstanceOf(DataException.class)
        .hasMessage("data.test has labels that data.train has not: [c]");
    assertThat(store()).doesNotExist();
  }

  @Test
  void leavesAStoreToTheProcessThatMakesIt() throws Exception {
    makeVideos(1);
    Files.createDirectories(store());
    String lease =
        """
        {"owner": "x", "host": "elsewhere", "pid": 1, "started": "", "beat": 1, "time": "%s"}
        """;
    Files.writeString(store().resolve("lease.json"), lease.formatted(Instant.now()));
    assertThatThrownBy(() -> prepare(0))
        .isInstanceOf(BusyException.class)
        .hasMessageContaining("process 1 on elsewhere");
  }
}
