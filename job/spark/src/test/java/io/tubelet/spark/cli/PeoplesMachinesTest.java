package io.tubelet.spark.cli;

import static io.tubelet.spark.cli.PeoplesCasesTest.load;
import static io.tubelet.spark.cli.PeoplesCasesTest.prepare;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.tubelet.spark.cli.PeoplesCasesTest.Case;
import io.tubelet.spark.config.JobConfig;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What people reported of names, settings, weights and machines, a row each, as in {@link
 * PeoplesCasesTest}.
 */
class PeoplesMachinesTest {
  /** What a disk can call a file and a pattern, a URI or a shell could misread. */
  private static final List<String> NAMES =
      List.of(
          "new\nline",
          "tab\t",
          "\uD83D\uDE00",
          "u\u0308 taken apart",
          "%20%",
          "#1?",
          "*.{a,b}[c]",
          "\"it's\"",
          "back\\slash",
          " blanks ",
          "-x",
          "n".repeat(244));

  @TempDir private static Path folder;

  private static Case wrong(String name, String says, String... words) {
    String[] all = Stream.concat(Stream.of("pretrain"), Stream.of(words)).toArray(String[]::new);
    return new Case(name, 2, says, all);
  }

  static Stream<Case> cases() {
    return Stream.of(
        // names
        prepare("names of all kinds", 0, "%d clips of %1$d".formatted(NAMES.size()), "names"),
        prepare("a run called by its time", 0, "6 clips", "a", "run.dir=IN/2026-11-28T10:00:00"),
        prepare("frames beside a desktop's files", 0, "3 clips of 3 videos", "frames"),
        // what is no film, or none that is read here
        prepare("pictures without a container", 4, "not a video container, but yuv4mpeg", "raw"),
        prepare("* a page in place of a film", 4, "not a media file", "page"),
        // another process has it
        prepare("a store that is being written", 8, "process 7 on elsewhere", "a", "run.dir=IN/b"),
        // settings
        wrong("no epochs", "tubelet.pretrain.epochs", "pretrain.epochs=0"),
        wrong("a longer warm-up", "warmup-epochs", "pretrain.warmup-epochs=9"),
        wrong("a share above one", "tubelet.masking.ratio", "masking.ratio=1.5"),
        wrong("cubes that do not divide", "multiple of patch = 7", "model.geometry.patch=7"),
        wrong("cubes longer than a clip", "multiple of tubelet = 8", "model.geometry.tubelet=8"),
        wrong("heads that do not divide", "heads", "model.encoder.heads=5"),
        wrong(
            "another program's word",
            "did you mean tubelet.pretrain.learning-rate",
            "pretrain.lr=1"),
        wrong("blanks around a sign", "found \" 3\"", "pretrain.epochs = 3"),
        // weights
        load("a pointer in place of weights", 6, "Git LFS pointer", "IN/pointer"),
        load("a page in place of weights", 6, "not a safetensors file", "IN/page.safetensors"),
        load("weights of another format", 3, "pth_to_safetensors.py", "IN/bin"),
        load("weights that are cut off", 6, "file ends in", "IN/cut"));
  }

  @BeforeAll
  static void makeInputs() throws IOException {
    PeoplesCasesTest.videos(folder.resolve("a"), 1);
    Files.createDirectories(folder.resolve("names"));
    for (String name : NAMES) {
      Files.copy(folder.resolve("a/0.mp4"), folder.resolve("names/" + name + ".mp4"));
    }
    for (String frames : List.of("one", "two", "three")) {
      for (int i = 0; i < 5; i++) {
        Path picture = folder.resolve("frames/" + frames + "/" + i + ".png");
        Files.createDirectories(picture.getParent());
        ImageIO.write(
            new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB), "png", picture.toFile());
      }
    }
    write("frames/one/.DS_Store", "data");
    write("frames/two/Thumbs.db", "data");
    write("raw/a.mp4", "YUV4MPEG2 W16 H16 F25:1\nFRAME\n" + "x".repeat(384));
    String page = "<!DOCTYPE html><html><body>Sign in</body></html>";
    write("page/a.mp4", page);
    write("page.safetensors", page);
    String lease =
        "{'owner':'o','host':'elsewhere','pid':7,'started':'','beat':1,'time':'%s'}"
            .formatted(Instant.now().plusSeconds(600));
    write("b/store/pretrain/lease.json", lease.replace('\'', '"'));
    write("pointer/model.safetensors", "version https://git-lfs.github.com/spec/v1\n");
    write("bin/pytorch_model.bin", "data");
    write("cut/model.safetensors", "d\0\0\0\0\0\0\0{"); // 100 bytes of a header
  }

  private static void write(String name, String text) throws IOException {
    Files.createDirectories(folder.resolve(name).getParent());
    Files.writeString(folder.resolve(name), text);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void areTakenOrNamedInALine(Case of) {
    of.require(folder);
  }

  @Test
  void labelsOfAllKindsGoThroughThePipelineAndAreEscapedInItsPage() throws IOException {
    String list =
        """
        path,label
        0.mp4,<img src=x onerror=alert(1)>
        1.mp4,"a,b"
        2.mp4,"say ""hi""\"
        3.mp4,007
        4.mp4,7
        5.mp4,\uD83D\uDE00
        """;
    Files.writeString(folder.resolve("a/labels.csv"), list);
    String said =
        run(
            "pipeline",
            "data.pretrain.source=IN/a",
            "data.train.source=IN/a/labels.csv",
            "data.test.source=IN/a/labels.csv",
            "run.dir=IN/labels",
            "finetune.epochs=1",
            "finetune.warmup-epochs=0",
            "finetune.compare=[]",
            "evaluate.clips=1",
            "evaluate.crops=1");
    assertThat(said).endsWith("0");
    assertThat(Files.readString(folder.resolve("labels/report.html")))
        .contains("&lt;img src=x onerror=alert(1)", "a,b", "007", "\uD83D\uDE00")
        .doesNotContain("<img src=x");
    Path config = folder.resolve("labels/config.conf"); // people add lines to it, and use it again
    Files.writeString(config, "\ntubelet.pretrain.epochs = 7\n", StandardOpenOption.APPEND);
    JobConfig edited = JobConfig.load(config.toString(), List.of(), new Configuration());
    assertThat(edited.pretrain().epochs()).isEqualTo(7);
  }

  @Test
  void aFolderThatMayNotBeReadIsNamed() throws IOException {
    if (System.getProperty("user.name").equals("root")) {
      System.out.println("skipped: root may read everything");
      abort("root may read everything");
    }
    Path closed = Files.createDirectories(folder.resolve("closed/inner"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
    String said = run("prepare", "data.pretrain.source=IN/closed", "data.format=flat");
    assertThat(said).contains("inner: Permission denied").endsWith("3");
  }

  private static String run(String... words) {
    return PeoplesCasesTest.run(folder, words);
  }
}
