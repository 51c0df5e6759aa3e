package io.tubelet.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.video.Decoded.Reason;
import io.tubelet.video.Decoded.VideoInfo;
import io.tubelet.video.Decoding.DecodeLimits;
import io.tubelet.video.Windows.SamplingSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every file of {@code -Dtubelet.awkward} gives what its manifest says, or one good reason. */
class AwkwardFilesTest {
  private static final Path FOLDER = Path.of(System.getProperty("tubelet.awkward", "none"));
  private static final int SHORT_SIDE = 64;
  private static final SamplingSpec SPEC = new SamplingSpec(16, 4, 2, SHORT_SIDE);
  private static final Set<String> STILL_CODECS =
      Set.of("mjpeg", "png", "bmp", "webp", "tiff", "gif", "jpeg2000");
  private static final Pattern FIELD =
      Pattern.compile("\"((?:[^\"]|\"\")*)\"(?:,|$)|([^,]*)(?:,|$)");

  private static void assumeFolder() {
    assumeThat(FOLDER.resolve("manifest.csv"))
        .as("no folder of awkward files; name one with -Dtubelet.awkward=DIR")
        .exists();
  }

  private static List<String> fields(String line) {
    List<String> fields = new ArrayList<>();
    Matcher matcher = FIELD.matcher(line);
    while (fields.size() == 0 || matcher.end() < line.length()) {
      assertThat(matcher.find()).isTrue();
      String quoted = matcher.group(1);
      fields.add(quoted == null ? matcher.group(2) : quoted.replace("\"\"", "\""));
    }
    return fields;
  }

  private static List<Map<String, String>> manifest() throws IOException {
    List<String> lines = Files.readAllLines(FOLDER.resolve("manifest.csv"));
    List<String> names = fields(lines.get(0));
    List<Map<String, String>> rows = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      List<String> values = fields(line);
      Map<String, String> row = new HashMap<>();
      for (int i = 0; i < values.size(); i++) {
        row.put(names.get(i), values.get(i));
      }
      rows.add(row);
    }
    return rows;
  }

  @TestFactory
  Stream<DynamicTest> decodesOrRefusesEveryFile() throws IOException {
    assumeFolder();
    return manifest().stream().map(row -> dynamicTest(row.get("file"), () -> check(row)));
  }

  private static Decoded decode(String file) {
    Windows windows = Windows.drawn(SPEC, SampleSeed.of(1, 0, file, "windows"));
    return new InThread().decode(Sources.of(FOLDER.resolve(file)), windows, DecodeLimits.DEFAULT);
  }

  private static void check(Map<String, String> row) throws IOException {
    String file = row.get("file");
    Decoded decoded = decode(file);
    Set<Reason> reasons = reasons(row);
    if (decoded instanceof Decoded.Clips clips) {
      assertThat(reasons).isEmpty();
      checkClips(clips, row);
    } else if (decoded instanceof Decoded.Refused refused) {
      assertThat(refused.reason()).isIn(reasons);
      assertThat(refused.detail()).startsWith(FOLDER.resolve(file) + ": ").doesNotContain("\n");
    }
  }

  /** Why a file of the manifest must be refused: one of these; empty if it must not be. */
  private static Set<Reason> reasons(Map<String, String> row) throws IOException {
    if (row.get("bytes").equals("0")) {
      return EnumSet.of(Reason.EMPTY_FILE);
    }
    if (row.get("opens").equals("no")) {
      return EnumSet.of(Reason.NOT_MEDIA, Reason.UNREADABLE);
    }
    boolean picture =
        STILL_CODECS.contains(row.get("codec")) && number(row, "decodable_frames") == 1;
    if (number(row, "video_streams") == 0 || (picture && number(row, "attached_pics") > 0)) {
      return EnumSet.of(
          Reason.NO_VIDEO_STREAM, Reason.NOT_MEDIA); // sound alone, with a cover or not
    }
    if ((picture && row.get("container_frames").equals("n/a")) || isText(row.get("file"))) {
      return EnumSet.of(Reason.NOT_MEDIA); // a picture or a playlist, whatever it is called
    }
    if (number(row, "width") * number(row, "height") > DecodeLimits.DEFAULT.pixels()) {
      return EnumSet.of(Reason.TOO_LARGE);
    }
    return row.get("decodable_frames").equals("0")
        ? EnumSet.of(Reason.NO_FRAMES, Reason.UNSUPPORTED_CODEC, Reason.UNREADABLE)
        : EnumSet.noneOf(Reason.class);
  }

  private static boolean isText(String file) throws IOException {
    try (InputStream in = Files.newInputStream(FOLDER.resolve(file))) {
      return new String(in.readNBytes(64), StandardCharsets.UTF_8)
          .chars()
          .allMatch(c -> (c >= ' ' && c < 0xFFFD) || Character.isWhitespace(c));
    }
  }

  /** A number of the manifest; 0 where it says nothing. */
  private static long number(Map<String, String> row, String column) {
    return row.get(column).matches("-?\\d+") ? Long.parseLong(row.get(column)) : 0;
  }

  private static void checkClips(Decoded.Clips clips, Map<String, String> row) {
    VideoInfo info = clips.info();
    long expected = number(row, "decodable_frames");
    assertThat(info.frames()).isPositive();
    if (number(row, "video_streams") - number(row, "attached_pics") <= 1) {
      assertThat(info.codec()).isEqualTo(row.get("codec"));
      boolean turned = number(row, "rotation") % 180 != 0;
      assertThat(info.width()).isEqualTo((int) number(row, turned ? "height" : "width"));
      assertThat(info.height()).isEqualTo((int) number(row, turned ? "width" : "height"));
      if (row.get("decoder_complaints").equals("no")) {
        assertThat(info.frames()).isEqualTo((int) expected);
        assertThat(info.warnings()).isZero();
      } else { // another version of FFmpeg may save one frame more or less
        assertThat((long) info.frames())
            .isBetween(1L, Math.max(expected, number(row, "container_frames")));
      }
    }
    checkWindows(clips);
  }

  private static void checkWindows(Decoded.Clips clips) {
    int width = clips.info().width();
    int height = clips.info().height();
    int longSide = Math.min(4 * Math.min(width, height), Math.max(width, height));
    int scaled = Math.round((float) longSide * SHORT_SIDE / Math.min(width, height));
    assertThat(clips.windows()).hasSize(SPEC.windows());
    for (Frames window : clips.windows()) {
      assertThat(window.time()).isEqualTo(SPEC.frames());
      assertThat(window.width()).isEqualTo(width > height ? scaled : SHORT_SIDE);
      assertThat(window.height()).isEqualTo(width > height ? SHORT_SIDE : scaled);
    }
  }

  /** The table of what became of each file: {@code files/awkward.csv}. */
  @TestFactory
  Stream<DynamicTest> doesWithEachKnownFileWhatTheTableSays() throws Exception {
    assumeFolder();
    return Files.readAllLines(Sources.file("awkward.csv")).stream()
        .skip(1)
        .map(AwkwardFilesTest::fields)
        .filter(row -> Files.exists(FOLDER.resolve(row.get(0))))
        .map(
            row ->
                dynamicTest(
                    row.get(0), () -> assertThat(outcome(row.get(0))).isEqualTo(row.get(1))));
  }

  private static String outcome(String file) {
    Decoded decoded = decode(file);
    if (decoded instanceof Decoded.Refused refused) {
      return refused.reason().name();
    }
    VideoInfo info = ((Decoded.Clips) decoded).info();
    return "%d frames of %d x %d in %s, %d warnings"
        .formatted(info.frames(), info.width(), info.height(), info.codec(), info.warnings());
  }

  @Test
  void findsTheSameFramesOfALongFileBySeekingAsByReadingItWhole() {
    Path path = FOLDER.resolve("m21_long_30min_54000frames_64x64.mp4");
    assumeThat(path).as("no folder of awkward files").exists();
    SamplingSpec single = new SamplingSpec(1, 1, 16, SHORT_SIDE);
    DecodeLimits whole = new DecodeLimits(1 << 20, 60_000, 300, 60_000);
    Windows windows = Windows.drawn(single, SampleSeed.of(9, 0, "long", "windows"));
    Decoded sought = new InThread().decode(Sources.of(path), windows, DecodeLimits.DEFAULT);
    Decoded read = new InThread().decode(Sources.of(path), windows, whole);

    int frames = Sources.clips(read).info().frames();
    assertThat(windows.over(frames).stream().map(window -> window[0])).doesNotHaveDuplicates();
    assertThat(sought).isEqualTo(read);
  }
}
