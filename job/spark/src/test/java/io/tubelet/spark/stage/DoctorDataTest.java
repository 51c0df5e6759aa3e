package io.tubelet.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tubelet.spark.AwkwardFiles;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.video.motion.MotionSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorDataTest {
  @TempDir private Path folder;

  private Outcome doctor(String... settings) throws Exception {
    List<String> all =
        new ArrayList<>(
            List.of(
                "run.dir=" + folder.resolve("run"),
                "data.isolation=thread",
                "model.geometry.frames=4",
                "data.short-side=32"));
    all.addAll(List.of(settings));
    JobConfig config = JobConfig.load("", all, new Configuration());
    return Stages.all().get("doctor --data").run(config, LocalSpark.session());
  }

  private List<Row> table() {
    String parquet = folder.resolve("run/doctor/corpus.parquet").toString();
    return LocalSpark.session().read().parquet(parquet).collectAsList();
  }

  /** Two videos, one of them twice, and a text. */
  private Path corpus() throws IOException {
    MotionSet set = new MotionSet(new MotionSet.Spec(1, 32, 12), new MotionSet.Counts(0, 0, 2));
    Path videos = folder.resolve("videos");
    Path left = Files.createDirectories(videos.resolve("left"));
    Path right = Files.createDirectories(videos.resolve("right"));
    Files.write(left.resolve("a, \"b\".mp4"), set.file(set.items().get(0)));
    Files.write(left.resolve("copy.mp4"), set.file(set.items().get(0)));
    Files.write(right.resolve("c.mp4"), set.file(set.items().get(1)));
    Files.writeString(right.resolve("text.mp4"), "no <b>video</b>");
    return videos;
  }

  @Test
  void tellsOfEveryVideoWhatItIsAndWhatIsWrongWithIt() throws Exception {
    String videos = corpus().toString();

    Outcome outcome = doctor("data.pretrain.source=" + videos, "data.train.source=" + videos);

    assertThat(outcome.message())
        .contains("8 videos asked for: 6 give clips, 2 do not; 2 have the bytes of another");
    assertThat(table())
        .extracting(
            row -> row.getAs("corpus"),
            row -> row.getAs("id"),
            row -> row.getAs("codec"),
            row -> row.getAs("frames"),
            row -> row.getAs("reason"))
        .contains(
            tuple("pretrain", "left/a, \"b\".mp4", "h264", 12, ""),
            tuple("train", "right/c.mp4", "h264", 12, ""),
            tuple("train", "right/text.mp4", "", 0, "NOT_MEDIA"))
        .hasSize(8);
    assertThat(table().stream().filter(row -> row.getAs("id").equals("left/copy.mp4")))
        .hasSize(2)
        .allMatch(row -> row.<String>getAs("same_as").endsWith("a, \"b\".mp4"));
    String csv = folder.resolve("run/doctor/corpus.csv").toString();
    var read = LocalSpark.session().read().option("header", true).option("escape", "\"").csv(csv);
    assertThat(read.collectAsList())
        .extracting(row -> row.getAs("id"))
        .containsExactlyElementsOf(table().stream().map(row -> row.getAs("id")).toList());
    assertThat(folder.resolve("run/doctor/corpus.html"))
        .content()
        .contains("8 videos asked for", "NOT_MEDIA", "a, \"b\".mp4", "h264, 32 × 32");
  }

  @Test
  void countsAVideoWithoutTheLabelThatItsCorpusNeeds() throws Exception {
    doctor("data.test.source=" + corpus().resolve("left"));
    assertThat(table()).extracting(row -> row.getAs("reason")).containsOnly("UNLABELLED");
  }

  @Test
  void wantsACorpusToLookAt() {
    assertThatThrownBy(this::doctor)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("data.pretrain.source");
  }

  @Test
  void accountsForEveryAwkwardFile() throws Exception {
    Path awkward = AwkwardFiles.folder();
    doctor("data.pretrain.source=" + awkward, "data.format=flat", "data.isolation=process");
    assertThat(table())
        .extracting(row -> row.getAs("id"), row -> row.getAs("reason"))
        .contains(
            tuple("m01_zero_bytes.mp4", "EMPTY_FILE"),
            tuple("m02_text_renamed.mp4", "NOT_MEDIA"),
            tuple("m03_audio_only.mp4", "NO_VIDEO_STREAM"),
            tuple("m21_long_30min_54000frames_64x64.mp4", ""));
    assertThat(table())
        .allMatch(row -> row.<String>getAs("reason").isEmpty() == row.<Integer>getAs("frames") > 0);
  }
}
