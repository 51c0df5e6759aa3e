package io.tubelet.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.stage.Outcome;
import io.tubelet.spark.stage.Stages;
import io.tubelet.video.motion.MotionSet;
import io.tubelet.video.motion.SyntheticSet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What people reported of programs of this kind, a row each, by kinds; a star marks one of the same
 * kind that nobody reported. Settings, names and the machine's other ways are in {@link
 * PeoplesMachinesTest}, signals and kills in {@link SignalledPreparingIT}, the launcher's
 * surroundings in {@link SubmitScriptTest}, films in the decoder's own tests.
 */
class PeoplesCasesTest {
  private static final int VIDEOS = 6;

  @TempDir private static Path folder;

  /**
   * @param name what happened
   * @param code what the process ends with
   * @param says part of what it says; of a failure in its one line
   * @param words its command line; {@code IN} is the folder of inputs, {@code CASES} the shared one
   */
  record Case(String name, int code, String says, String... words) {
    /** Runs it and looks at its last lines. */
    void require(Path folder) {
      boolean shared = Stream.of(words).anyMatch(word -> word.contains("CASES"));
      if (shared && System.getProperty("tubelet.fixtures") == null) {
        String reason = "skipped: no shared cases (set -Dtubelet.fixtures=DIR)";
        System.out.println(reason);
        abort(reason);
      }
      String said = run(folder, words);
      assertThat(said).contains(says).doesNotContain("\tat ");
      assertThat(said.lines().reduce("", (before, line) -> line)).isEqualTo("" + code);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Case prepare(String name, int code, String says, String source, String... more) {
    List<String> words = new ArrayList<>(List.of("prepare", "data.pretrain.source=IN/" + source));
    words.addAll(List.of(more));
    return new Case(name, code, says, words.toArray(String[]::new));
  }

  private static Case learn(String name, int code, String says, String train, String... more) {
    List<String> words =
        new ArrayList<>(List.of("prepare", "data.train.source=IN/" + train, "data.read=videos"));
    words.addAll(List.of(more));
    return new Case(name, code, says, words.toArray(String[]::new));
  }

  static Case load(String name, int code, String says, String weights) {
    return new Case(
        name,
        code,
        says,
        "import",
        "import.from=" + weights,
        "model.geometry.frames=8",
        "model.geometry.height=32",
        "model.geometry.width=32",
        "model.encoder.dim=48",
        "model.encoder.depth=2",
        "model.encoder.heads=3",
        "model.decoder.dim=48",
        "model.decoder.depth=1",
        "model.decoder.heads=3");
  }

  static Stream<Case> cases() {
    String other = "was prepared with other settings: sizes of the videos' files, or their bytes";
    return Stream.of(
        // a name stands for bytes
        prepare("a store of folder a", 0, "6 clips of 6 videos", "a", "run.dir=IN/same"),
        prepare("equal names, other sizes", 6, other, "b", "run.dir=IN/same"),
        prepare("* equal names and sizes", 6, other, "ends", "run.dir=IN/same"),
        prepare("* a copy with other times", 0, "already prepared", "copy", "run.dir=IN/same"),
        // what is left out without a word
        prepare("a Mac's hidden files", 0, "hidden files or folders: 1, such as ._0.mp4", "mac"),
        prepare("a subfolder beside videos", 3, "holds folders and videos, such as 0.mp4", "sub"),
        prepare(
            "videos beside folders of labels",
            0,
            "beside the folders of labels: 6",
            "sub",
            "data.format=folder"),
        prepare("a hidden folder", 0, "6 clips of 6 videos", "checkpoints"),
        prepare("a link to a folder above", 0, "links to a folder above: 1, such as up", "loop"),
        prepare("a link to nothing", 0, "6 clips of 7 videos, 1 quarantined", "dangling"),
        prepare("a camera's ending", 0, "1 clips of 1 videos", "camera"),
        prepare("* subtitles", 0, "not named like a video: 1, such as a.srt", "subtitles"),
        prepare("* a label without a video", 0, "without a video: 1, such as none", "labels"),
        // names are neither patterns nor URIs
        prepare("a colon in a name", 0, "1 clips of 1 videos", "colon"),
        prepare("a run's folder like a pattern", 0, "6 clips", "a", "run.dir=\"IN/x[1]{a,b}:q?\""),
        new Case(
            "and its training",
            0,
            "1 epochs of 6 clips",
            "pretrain",
            "data.pretrain.source=IN/a",
            "run.dir=\"IN/x[1]{a,b}:q?\""),
        prepare("a list like a pattern", 0, "1 clips of 1 videos", "lists/fold[1].csv"),
        prepare("a hidden list", 0, "2 clips of 2 videos", "lists/_hidden.csv"),
        prepare("* a list with per cent", 0, "2 clips of 2 videos", "lists/p%41 #x?y,z.csv"),
        // lists as people write them
        learn("a space after the comma", 0, "data.train: read", "lists/spaces.csv"),
        learn("two spaces before the label", 0, "data.train: read", "lists/two.txt"),
        learn("spaces at the end", 0, "data.train: read", "lists/trailing.csv"),
        prepare("the second version's list", 0, "2 clips of 2 videos", "lists/v2.txt"),
        learn("a column of another name", 3, "l.mp4 has no label", "lists/class.csv"),
        learn(
            "which is named",
            3,
            "(data.columns.label), so no labels; found [path, class]",
            "lists/class.csv"),
        learn("text that is no UTF-8", 3, "not text in UTF-8", "lists/latin.csv"),
        prepare(
            "one path, two labels", 4, "listed more than once, as 'l' and 'r'", "lists/twice.csv"),
        prepare("* columns of semicolons", 3, "found [path;label]", "lists/semicolons.csv"),
        // what is known at the start is told at the start
        learn(
            "a label in the test list only",
            3,
            "data.test has labels that data.train has not: [x]",
            "lists/spaces.csv",
            "data.test.source=IN/lists/x.csv"),
        learn("one class", 3, "data.train has 1 classes, a classifier needs two", "lists/x.csv"),
        learn(
            "a label misspelt in a flip",
            3,
            "no clip has the label 'lfet'; there are [l, r]",
            "lists/spaces.csv",
            "finetune.augmentation.flips=[{axis=columns,swaps=[[lfet,r]]}]"),
        learn(
            "* more replicas than clips",
            3,
            "data.train has 2 clips, fewer than its 3 replicas",
            "lists/spaces.csv",
            "finetune.replicas=3"),
        // files and storage
        prepare("a pipe", 0, "6 clips of 7 videos, 1 quarantined", "pipe"),
        prepare("* a link to a pipe", 0, "6 clips of 7 videos, 1 quarantined", "pipes"),
        prepare("a film without its index", 4, "damaged or cut off header", "cut"),
        new Case(
            "a folder that cannot be written",
            6,
            "cannot write",
            "prepare",
            "data.pretrain.source=IN/a",
            "run.dir=IN/lists/x.csv/run"),
        new Case(
            "* a table that is damaged",
            6,
            "clips.parquet",
            "pretrain",
            "data.pretrain.source=IN/a",
            "run.dir=IN/damaged"),
        // weights of the neighbourhood
        load(
            "an encoder saved alone", 0, "34 loaded, 21 initialised", "CASES/weights/encoder-only"),
        load("a classifier of other labels", 0, "36 loaded", "CASES/weights/classifier-5"),
        load(
            "weights that are no numbers",
            6,
            "has values that are not finite",
            "CASES/weights/nan"));
  }

  @BeforeAll
  static void makeInputs() throws IOException, InterruptedException {
    videos("a", 1);
    videos("b", 2);
    videos("ends", 1);
    Path end = folder.resolve("ends/0.mp4");
    byte[] bytes = Files.readAllBytes(end);
    bytes[bytes.length - 1] ^= 1;
    Files.write(end, bytes);
    videos("copy", 1);
    Files.setLastModifiedTime(folder.resolve("copy/0.mp4"), FileTime.fromMillis(0));
    videos("mac", 1);
    Files.writeString(folder.resolve("mac/._0.mp4"), "Mac OS X");
    videos("sub", 1);
    videos("sub/extra", 1);
    videos("checkpoints", 1);
    Files.createDirectories(folder.resolve("checkpoints/.ipynb_checkpoints"));
    videos("loop/left", 1);
    Files.createSymbolicLink(folder.resolve("loop/left/up"), Path.of(".."));
    videos("dangling", 1);
    Files.createSymbolicLink(folder.resolve("dangling/gone.mp4"), Path.of("nowhere"));
    one("camera/00001.MTS");
    one("subtitles/a.mp4");
    Files.writeString(folder.resolve("subtitles/a.srt"), "1");
    one("labels/left/a.mp4");
    Files.createDirectories(folder.resolve("labels/none"));
    one("colon/12:30:00.mp4");
    videos("pipe", 1);
    new ProcessBuilder("mkfifo", folder.resolve("pipe/p.mp4").toString()).start().waitFor();
    videos("pipes", 1);
    Files.createSymbolicLink(folder.resolve("pipes/p.mp4"), folder.resolve("pipe/p.mp4"));
    Files.createDirectories(folder.resolve("cut"));
    Files.write(folder.resolve("cut/0.mp4"), Arrays.copyOf(bytes, 64));
    makeLists();
    assertThat(run(folder, "prepare", "data.pretrain.source=IN/a", "run.dir=IN/damaged"))
        .endsWith("0");
    try (Stream<Path> parts = Files.list(folder.resolve("damaged/store/pretrain/clips.parquet"))) {
      for (Path part : parts.filter(p -> p.getFileName().toString().startsWith("part-")).toList()) {
        Files.writeString(part, "PAR1 but no table PAR1");
      }
    }
  }

  private static void makeLists() throws IOException {
    one("lists/l.mp4");
    Files.copy(folder.resolve("b/1.mp4"), folder.resolve("lists/r.mp4"));
    String csv = "path,label\nl.mp4,l\nr.mp4,r\n";
    list("_hidden.csv", csv);
    list("p%41 #x?y,z.csv", csv);
    list("fold[1].csv", "path\nl.mp4\n");
    list("fold1.csv", csv);
    list("spaces.csv", csv.replace(",", ", "));
    list("trailing.csv", csv.replace("\n", " \n"));
    list("two.txt", "l.mp4  0\nr.mp4  1\n");
    list("v2.txt", "l.mp4 0 -1\nr.mp4 0 -1\n");
    list("class.csv", csv.replace("label", "class"));
    list("twice.csv", csv + "l.mp4,r\n");
    list("semicolons.csv", csv.replace(",", ";"));
    list("x.csv", "path,label\nl.mp4,x\n");
    Files.write(
        folder.resolve("lists/latin.csv"),
        csv.replace("l\n", "\u00e9\n").getBytes(StandardCharsets.ISO_8859_1));
  }

  private static void list(String name, String text) throws IOException {
    Files.writeString(folder.resolve("lists").resolve(name), text);
  }

  private static void videos(String name, int seed) throws IOException {
    videos(folder.resolve(name), seed);
  }

  /** Six tiny films. */
  static void videos(Path folder, int seed) throws IOException {
    MotionSet set =
        new MotionSet(new MotionSet.Spec(seed, 16, 12), new MotionSet.Counts(0, 0, VIDEOS));
    Files.createDirectories(folder);
    for (SyntheticSet.Item item : set.items()) {
      Files.write(folder.resolve(item.index() + ".mp4"), set.file(item));
    }
  }

  private static void one(String name) throws IOException {
    Files.createDirectories(folder.resolve(name).getParent());
    Files.copy(folder.resolve("a/0.mp4"), folder.resolve(name));
  }

  /** Small videos and networks, which every command of these tests has before its own words. */
  static List<String> settings() {
    return List.of(
        "data.isolation=thread",
        "data.short-side=16",
        "data.pretrain.stride=1",
        "data.train.stride=1",
        "model.size=tiny",
        "model.geometry.frames=4",
        "model.geometry.height=16",
        "model.geometry.width=16",
        "model.geometry.patch=8",
        "pretrain.epochs=1",
        "pretrain.warmup-epochs=0",
        "pretrain.replicas=1",
        "pretrain.batch=6",
        "finetune.replicas=1",
        "engine.name=nd4j",
        "data.failure-budget=0.3");
  }

  /** What a command says on both streams, and then its code. */
  static String run(String verb, List<String> words) {
    List<String> all = new ArrayList<>(settings());
    all.addAll(words);
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream both = new PrintStream(said, true, StandardCharsets.UTF_8);
    System.setOut(both);
    System.setErr(both);
    try {
      Outcome outcome =
          Stages.all()
              .get(verb)
              .run(JobConfig.load("", all, new Configuration()), LocalSpark.session());
      both.println(outcome.message());
      both.print(ExitCode.OK.code());
    } catch (Exception e) { // whatever a stage may throw, as the program takes it
      ExitCode.Failure failure = ExitCode.of(e);
      both.println(failure.message());
      both.print(failure.exit().code());
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    return said.toString(StandardCharsets.UTF_8);
  }

  static String run(Path folder, String... words) {
    String fixtures = System.getProperty("tubelet.fixtures", "absent");
    String cases = Path.of(fixtures).resolveSibling("cases").toString();
    List<String> all = new ArrayList<>(List.of(words));
    all.set(0, "run.dir=" + folder.resolve("runs/" + System.nanoTime()));
    all.replaceAll(
        word -> word.replaceFirst("=(\"?)IN/", "=$1" + folder + "/").replace("CASES", cases));
    return run(words[0], all);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void areTakenOrNamedInALine(Case of) {
    of.require(folder);
  }
}
