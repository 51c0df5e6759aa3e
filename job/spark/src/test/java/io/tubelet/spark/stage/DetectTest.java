package io.tubelet.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.clip.FrameOrder;
import io.tubelet.clip.Frames;
import io.tubelet.detect.AvaFiles;
import io.tubelet.detect.Box;
import io.tubelet.detect.FrameMap;
import io.tubelet.detect.KeyFrame;
import io.tubelet.detect.KeyFrame.Detection;
import io.tubelet.detect.KeyFrame.Person;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.ClipReader;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.evaluate.DetectJob;
import io.tubelet.spark.evaluate.DetectJob.Scored;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.stage.DetectStage.Detected;
import io.tubelet.video.motion.FigureFilm;
import io.tubelet.video.motion.FigureSet;
import io.tubelet.video.motion.MotionSet;
import io.tubelet.video.motion.SyntheticSet;
import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A few films of figures with AVA's files, as somebody's own data. */
class DetectTest {
  @TempDir private Path folder;

  @BeforeEach
  void makeFilms() throws IOException {
    FigureSet set = new FigureSet(new MotionSet.Spec(1, 32, 40), 3, 2);
    for (SyntheticSet.Item item : set.items()) {
      Path file = folder.resolve("set").resolve(item.name());
      Files.createDirectories(file.getParent());
      Files.write(file, set.file(item));
    }
  }

  /** A row of a result file. */
  private static Detection detection(String row) {
    String[] cells = row.split(",");
    double[] sides = Arrays.stream(cells, 2, 6).mapToDouble(Double::parseDouble).toArray();
    return new Detection(
        new KeyFrame(cells[0], Integer.parseInt(cells[1])),
        new Box(sides[0], sides[1], sides[2], sides[3]),
        Integer.parseInt(cells[6]),
        Double.parseDouble(cells[7]));
  }

  private Path ava(String name) {
    return folder.resolve("set").resolve(name);
  }

  private JobConfig config(String... more) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "run.dir=" + folder.resolve("run"),
                "model.size=tiny",
                "model.geometry.frames=4",
                "model.geometry.height=32",
                "model.geometry.width=48",
                "model.geometry.patch=8",
                "data.short-side=32",
                "data.isolation=thread",
                "data.train.stride=2",
                "data.failure-budget=0.4",
                "detect.train.source=" + ava("train"),
                "detect.train.annotations=" + ava("train.csv"),
                "detect.test.source=" + ava("test"),
                "detect.test.annotations=" + ava("test.csv"),
                "detect.test.boxes=" + ava("test-boxes.csv"),
                "detect.test.excluded=" + ava("test-excluded.csv"),
                "detect.label-map=" + ava("labels.pbtxt"),
                "engine.name=torch",
                "finetune.from=scratch",
                "finetune.epochs=2",
                "finetune.warmup-epochs=1",
                "finetune.batch=4",
                "finetune.flip=true"));
    settings.addAll(List.of(more));
    return JobConfig.load("", settings, new Configuration());
  }

  private static Outcome detect(JobConfig config) throws Exception {
    return Stages.all().get("detect").run(config, LocalSpark.session());
  }

  private CubeStore store(String role) {
    var root = new org.apache.hadoop.fs.Path(folder.resolve("run/store/detect-" + role).toUri());
    return CubeStore.open(LocalSpark.session(), root);
  }

  @Test
  void trainsAsksAndWritesWhatAvasEvaluatorReads() throws Exception {
    Files.writeString(
        ava("train.csv"),
        """
        train-0001,0001,0.1,0.1,0.6,0.6,11,7
        train-0001,0001,0.1,0.1,1.6,0.6,1,7
        train-0001,0099,0.1,0.1,0.6,0.6,1,7
        nowhere,0001,0.1,0.1,0.6,0.6,1,7
        """,
        java.nio.file.StandardOpenOption.APPEND);
    Files.writeString(ava("test-excluded.csv"), "test-0001,0001\n");
    Outcome outcome = detect(config("data.failure-budget=0.9"));
    assertThat(outcome.status()).isEqualTo(Outcome.Status.DONE);
    assertThat(store("train").quarantined())
        .extracting(no -> no.reason() + " " + no.detail())
        .anyMatch(no -> no.contains("action 11 is not in the label map"))
        .anyMatch(no -> no.startsWith("BAD_ROW train.csv:") && no.contains("box"))
        .anyMatch(no -> no.startsWith("MISSING no film of this name in "))
        .anyMatch(no -> no.startsWith("PAST_END train-0001.mp4: second 99.00 is behind its 40"));
    Detected detected = found("detection-scratch");
    assertThat(outcome.message()).contains("detection-scratch: frame mAP ");
    assertThat(detected.map()).isBetween(0.0, 1.0);
    assertThat(detected.perClass()).hasSize(10).containsKey("rotate_cw");
    Map<Integer, String> labels;
    try (BufferedReader in = Files.newBufferedReader(ava("labels.pbtxt"))) {
      labels = AvaFiles.labels(in, "labels");
    }
    try (BufferedReader results =
            Files.newBufferedReader(folder.resolve("run/evaluation/detection-scratch.csv"));
        BufferedReader truth = Files.newBufferedReader(ava("test.csv"))) {
      List<Detection> rows = results.lines().map(DetectTest::detection).toList();
      assertThat(rows).hasSize(10 * detected.boxes()).allMatch(row -> row.score() < 1);
      KeyFrame excluded = new KeyFrame("test-0001", 1);
      assertThat(rows).noneMatch(row -> row.at().equals(excluded));
      List<Person> annotated = AvaFiles.annotations(truth, "truth", labels).rows();
      List<Person> persons =
          annotated.stream().filter(person -> !person.at().equals(excluded)).toList();
      assertThat(persons).hasSizeLessThan(annotated.size());
      List<String> films = rows.stream().map(row -> row.at().video()).distinct().sorted().toList();
      List<FrameMap.Resampled> classes =
          labels.keySet().stream()
              .map(
                  action ->
                      FrameMap.of(
                          action,
                          persons,
                          rows.stream().filter(row -> row.action() == action).toList(),
                          films,
                          0))
              .toList();
      assertThat(FrameMap.of(classes).mean()).isEqualTo(detected.map());
    }
    assertThat(detect(config("data.failure-budget=0.9")).status())
        .isEqualTo(Outcome.Status.ALREADY_DONE);
    JobConfig export = config("export.from=" + detected.checkpoint());
    assertThatThrownBy(() -> Stages.all().get("export").run(export, LocalSpark.session()))
        .isInstanceOf(StateException.class)
        .hasMessage(
            "%s is a detector, which detect alone can ask; an export would hold the same files",
            detected.checkpoint());
    assertThat(Stages.all().get("plan").run(config(), LocalSpark.session()).message())
        .isEqualTo("nothing was written");
    Stages.all().get("report").run(config(), LocalSpark.session());
    assertThat(Files.readString(folder.resolve("run/report.html")))
        .contains("Average precision of each class", "Key frames", "published scratch");
  }

  private Detected found(String name) {
    return Detected.read(new Run(config(), LocalSpark.session()).folder(), name).orElseThrow();
  }

  @Test
  void findsKeyFramesInFoldersOfFramesByTheirRate() throws Exception {
    Frames film = new FigureFilm(new MotionSet.Spec(1, 32, 40), "train", 0).frames();
    write(film, folder.resolve("frames/train-0001"));
    Files.writeString(ava("train.csv"), "train-0001,0902,0,0,1,1,1,7\n");
    JobConfig config =
        config(
            "detect.train.source=" + folder.resolve("frames"),
            "detect.first-second=900",
            "detect.frames-per-second=12");
    DetectData.read(new Run(config, LocalSpark.session()), Role.TRAIN).prepare();
    CubeStore store = store("train");
    assertThat(store.clips()).singleElement().matches(row -> row.id().equals("train-0001,0902"));
    try (ClipReader reader = store.reader(new Configuration())) {
      Frames clip = reader.read(store.clips().get(0));
      for (int i = 0; i < 4; i++) {
        int second = film.offset(24 + 2 * (i - 2), 0, 0);
        assertThat(Arrays.copyOfRange(clip.bytes(), clip.offset(i, 0, 0), clip.offset(i + 1, 0, 0)))
            .isEqualTo(Arrays.copyOfRange(film.bytes(), second, second + film.offset(1, 0, 0)));
      }
    }
  }

  private static void write(Frames film, Path frames) throws IOException {
    Files.createDirectories(frames);
    for (int t = 0; t < film.time(); t++) {
      BufferedImage picture = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
      for (int i = 0; i < 32 * 32; i++) {
        int at = film.offset(t, i / 32, i % 32);
        int rgb = 0;
        for (int c = 0; c < 3; c++) {
          rgb = (rgb << 8) | (film.bytes()[at + c] & 0xFF);
        }
        picture.setRGB(i % 32, i / 32, rgb);
      }
      ImageIO.write(picture, "png", frames.resolve("%03d.png".formatted(t)).toFile());
    }
  }

  /** What is done in a film is told by how bright it is, so that a few steps are enough. */
  @Test
  void losesWhatItKnewWhereItsBoxesAreShuffledBetweenClips() throws Exception {
    StringBuilder rows = new StringBuilder();
    for (int film = 0; film < 6; film++) {
      byte[] grey = new byte[37 * 32 * 32 * 3];
      Arrays.fill(grey, (byte) (film % 2 == 0 ? 40 : 200));
      write(new Frames(37, 32, 32, grey), folder.resolve("grey/film-%d".formatted(film)));
      for (int second = 1; second <= 3; second++) {
        rows.append("film-%d,%04d,0.2,0.2,0.8,0.8,%d,1%n".formatted(film, second, film % 2 + 3));
      }
    }
    Files.writeString(ava("train.csv"), rows);
    detect(
        config(
            "detect.train.source=" + folder.resolve("grey"),
            "detect.test.source=" + folder.resolve("grey"),
            "detect.test.annotations=" + ava("train.csv"),
            "detect.test.boxes=",
            "detect.frames-per-second=12",
            "finetune.epochs=20",
            "finetune.learning-rate=0.1",
            "finetune.batch=12",
            "evaluate.controls=[shuffled, single]"));
    assertThat(found("detection-scratch").map()).isGreaterThan(0.95);
    assertThat(found("detection-scratch-single").map()).isGreaterThan(0.95); // nothing moves
    assertThat(found("detection-scratch-shuffled").map()).isLessThan(0.6);
    Stages.all().get("report").run(config(), LocalSpark.session());
    assertThat(Files.readString(folder.resolve("run/report.html")))
        .contains("published scratch-shuffled");
  }

  @Test
  void namesTheFileThatIsMissing() {
    assertThatThrownBy(() -> detect(config("detect.test.boxes=" + ava("none.csv"))))
        .isInstanceOf(DataException.class)
        .hasMessage("no such file: %s (detect.test.boxes)", ava("none.csv"));
    assertThatThrownBy(() -> detect(config("detect.label-map=")))
        .hasMessage("detect reads AVA's files: set detect.label-map");
    assertThatThrownBy(() -> detect(config("detect.train.annotations=" + ava("labels.pbtxt"))))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("labels.pbtxt:1: ");
    assertThatThrownBy(() -> detect(config("detect.train.source=")))
        .hasMessage("nothing to detect: set detect.train.source");
    assertThatThrownBy(() -> detect(config("detect.test.source=" + ava("train"))))
        .hasMessageContaining("has a key frame of detect.test");
  }

  @Test
  void findsEverythingOfItsOwnFramesAndNothingOfOthers() throws Exception {
    DetectJob job = new DetectJob(List.of(3, 5), 4, FrameOrder.AS_IS);
    List<Scored> right = new ArrayList<>();
    List<Scored> shuffled = new ArrayList<>();
    List<Person> truth = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      KeyFrame at = new KeyFrame("film" + i % 3, i);
      Box box = new Box(0.15 * i, 0.15 * i, 0.15 * i + 0.2, 0.15 * i + 0.2);
      truth.add(new Person(at, box, 1, List.of(i % 2 == 0 ? 3 : 5)));
      float[] probabilities = {i % 2 == 0 ? 0.9f : 0.1f, i % 2 == 0 ? 0.1f : 0.9f};
      right.add(new Scored(at, List.of(box), probabilities));
      shuffled.add(
          new Scored(
              new KeyFrame("film" + (i + 1) % 6 % 3, (i + 1) % 6), List.of(box), probabilities));
    }
    assertThat(job.map(LocalSpark.context(), right, truth).mean()).isEqualTo(1);
    FrameMap none = job.map(LocalSpark.context(), shuffled, truth);
    assertThat(none.mean()).isZero();
    assertThat(new TreeMap<>(Map.of(3, 3, 5, 3)))
        .isEqualTo(
            new TreeMap<>(
                Map.of(
                    none.classes().get(0).action(), none.classes().get(0).truths(),
                    none.classes().get(1).action(), none.classes().get(1).truths())));
  }
}
