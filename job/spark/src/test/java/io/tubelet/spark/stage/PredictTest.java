package io.tubelet.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.train.Checkpoints;
import io.tubelet.spark.train.Progress;
import io.tubelet.train.TrainState;
import io.tubelet.video.motion.MotionSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A classifier that says the same of everything, and videos without labels. */
class PredictTest {
  static final ModelSpec MODEL = ModelSize.TINY.pretraining(new ClipGeometry(4, 16, 16, 2, 8));

  @TempDir private Path folder;
  private Path videos;

  @BeforeEach
  void trainAndRecord() throws IOException {
    Parameters weights = Parameters.draw(ParameterLayout.of(MODEL.classifier(3)), 3);
    Arrays.fill(weights.get("classifier.weight"), 0);
    System.arraycopy(new float[] {0, 2, 1}, 0, weights.get("classifier.bias"), 0, 3);
    classifier(folder.resolve("run"), weights, List.of("run", "walk, slowly", "wave"));
    videos = Files.createDirectory(folder.resolve("videos"));
    record("long.mp4", 60);
    record("short, 12.mp4", 12);
  }

  /** A run that has trained such a classifier. */
  static void classifier(Path run, Parameters weights, List<String> labels) throws IOException {
    checkpoint(run, "finetune", weights, labels);
    Files.writeString(
        run.resolve("config.conf"),
        """
        tubelet {
          model { size = tiny, geometry { frames = 4, height = 16, width = 16, patch = 8 } }
          data { short-side = 16, train.stride = 1, isolation = thread }
          evaluate { crops = 2 }
          predict.every-seconds = 1
        }
        """);
  }

  private static void checkpoint(Path run, String training, Parameters weights, List<String> labels)
      throws IOException {
    Path root = run.resolve(training + "/checkpoints");
    new Checkpoints(new Configuration(), new org.apache.hadoop.fs.Path(root.toUri()))
        .save(TrainState.start(weights), new Progress("s", 1, 1, true), labels, 1);
  }

  private void record(String name, int frames) throws IOException {
    MotionSet set = new MotionSet(new MotionSet.Spec(1, 16, frames), new MotionSet.Counts(0, 0, 1));
    Files.write(videos.resolve(name), set.file(set.items().get(0)));
  }

  private Outcome predict(Object source, String... more) throws Exception {
    List<String> settings = new ArrayList<>(List.of(more));
    settings.add("run.dir=" + folder.resolve("run"));
    settings.add("predict.source=" + source);
    JobConfig config = JobConfig.load("", settings, new Configuration());
    return Stages.all().get("predict").run(config, LocalSpark.session());
  }

  private List<String> rows() throws IOException {
    return Files.readAllLines(folder.resolve("run/predictions/predictions.csv"));
  }

  private List<Path> files() throws IOException {
    try (var all = Files.list(folder.resolve("run/predictions"))) {
      return all.sorted().toList();
    }
  }

  @Test
  void tellsTheLikeliestClassesOfEachWindowAndWhyThereIsNone() throws Exception {
    Files.writeString(videos.resolve("broken.mp4"), "no video");
    Outcome made = predict(videos);
    assertThat(made.status()).isEqualTo(Outcome.Status.DONE);
    assertThat(made.message()).endsWith("4 windows of 3 videos (1 quarantined)");
    List<String> rows = rows();
    assertThat(rows.remove(1)).startsWith("broken.mp4,,,,,,").contains("NOT_MEDIA: broken.mp4");
    // e^2, e^1 and e^0 of their sum; 25 frames a second, the short one's window is frames 4 to 7
    assertThat(rows)
        .containsExactly(
            "path,start,end,rank,class,probability,reason",
            "long.mp4,0.0,0.16,1,\"walk, slowly\",0.66524094,",
            "long.mp4,0.0,0.16,2,wave,0.24472848,",
            "long.mp4,0.0,0.16,3,run,0.09003057,",
            "long.mp4,1.0,1.16,1,\"walk, slowly\",0.66524094,",
            "long.mp4,1.0,1.16,2,wave,0.24472848,",
            "long.mp4,1.0,1.16,3,run,0.09003057,",
            "long.mp4,2.0,2.16,1,\"walk, slowly\",0.66524094,",
            "long.mp4,2.0,2.16,2,wave,0.24472848,",
            "long.mp4,2.0,2.16,3,run,0.09003057,",
            "\"short, 12.mp4\",0.16,0.32,1,\"walk, slowly\",0.66524094,",
            "\"short, 12.mp4\",0.16,0.32,2,wave,0.24472848,",
            "\"short, 12.mp4\",0.16,0.32,3,run,0.09003057,");
    org.apache.hadoop.fs.Path parts =
        new org.apache.hadoop.fs.Path(folder.resolve("run/predictions").toUri());
    assertThat(CubeStore.read(LocalSpark.session(), parts).count()).isEqualTo(13);
  }

  @Test
  void passesOverWhatIsDoneAndMakesWhatIsMissing() throws Exception {
    predict(videos);
    List<String> rows = rows();
    assertThat(predict(videos).status()).isEqualTo(Outcome.Status.ALREADY_DONE);
    byte[] part = Files.readAllBytes(files().get(0));
    files().forEach(file -> assertThat(file.toFile().delete()).isTrue());
    assertThat(predict(videos).status()).isEqualTo(Outcome.Status.DONE);
    assertThat(files().get(0)).hasBinaryContent(part);
    assertThat(rows()).isEqualTo(rows);
    record("another.mp4", 12);
    predict(videos);
    assertThat(rows()).hasSize(rows.size() + 3).containsAll(rows);
  }

  @Test
  void takesOneVideoAndClipsOfAnotherSizeThanInTraining() throws Exception {
    predict(
        videos.resolve("long.mp4"),
        "model.geometry.frames=8",
        "model.geometry.height=32",
        "predict.every-seconds=60");
    assertThat(rows())
        .contains("long.mp4,1.04,1.36,1,\"walk, slowly\",0.66524094,") // frames 26 to 33
        .hasSize(4);
  }

  @Test
  void wantsVideosAndAClassifier() throws Exception {
    assertThatThrownBy(() -> predict(""))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("predict.source");
    checkpoint(
        folder.resolve("run"),
        "pretrain",
        Parameters.draw(ParameterLayout.of(MODEL), 3),
        List.of());
    assertThatThrownBy(() -> predict(videos, "predict.from=pretrain"))
        .isInstanceOf(StateException.class)
        .hasMessageEndingWith("has no classifier");
  }
}
