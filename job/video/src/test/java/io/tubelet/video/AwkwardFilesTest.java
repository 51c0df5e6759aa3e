package io.tubelet.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.video.source.DecodeLimits;
import io.tubelet.video.source.Reason;
import io.tubelet.video.source.VideoSource;
import java.io.IOException;
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

  private static void check(Map<String, String> row) {
    VideoSource source = VideoSource.of(FOLDER.resolve(row.get("file")));
    Decoded decoded =
        new VideoDecoder(SPEC, DecodeLimits.DEFAULT)
            .decode(source, SampleSeed.of(1, 0, row.get("file"), "windows"));
    Set<Reason> reasons = reasons(row);
    if (reasons.isEmpty()) {
      assertThat(decoded).isInstanceOf(Decoded.Clips.class);
      checkClips((Decoded.Clips) decoded, row);
    } else {
      assertThat(decoded).isInstanceOf(Decoded.Refused.class);
      Decoded.Refused refused = (Decoded.Refused) decoded;
      assertThat(refused.reason()).isIn(reasons);
      assertThat(refused.detail()).startsWith(source.name() + ": ");
    }
  }

  /** Why a file of the manifest may be refused; empty if it must not be. */
  private static Set<Reason> reasons(Map<String, String> row) {
    if (row.get("bytes").equals("0")) {
      return EnumSet.of(Reason.EMPTY_FILE);
    }
    if (row.get("opens").equals("no")) {
      return EnumSet.of(Reason.NOT_MEDIA, Reason.UNREADABLE);
    }
    if (row.get("video_streams").equals("0")) {
      return EnumSet.of(Reason.NO_VIDEO_STREAM);
    }
    return row.get("decodable_frames").equals("0")
        ? EnumSet.of(Reason.NO_FRAMES)
        : EnumSet.noneOf(Reason.class);
  }

  private static void checkClips(Decoded.Clips clips, Map<String, String> row) {
    boolean intact = row.get("decoder_complaints").equals("no");
    int expected = Integer.parseInt(row.get("decodable_frames"));
    boolean turned = Integer.parseInt(row.get("rotation")) % 180 != 0;
    int width = Integer.parseInt(row.get(turned ? "height" : "width"));
    int height = Integer.parseInt(row.get(turned ? "width" : "height"));
    VideoInfo info = clips.info();

    assertThat(info.codec()).isEqualTo(row.get("codec"));
    assertThat(new int[] {info.width(), info.height()}).containsExactly(width, height);
    if (intact) {
      assertThat(info.frames()).isEqualTo(expected);
      assertThat(info.warnings()).isZero();
    } else {
      assertThat(info.frames()).isBetween(1, expected);
      assertThat(info.warnings()).isPositive();
    }
    assertThat(clips.windows()).hasSize(SPEC.windows());
    int longSide = Math.min(4 * Math.min(width, height), Math.max(width, height));
    int scaled = Math.round((float) longSide * SHORT_SIDE / Math.min(width, height));
    for (Frames window : clips.windows()) {
      assertThat(window.time()).isEqualTo(SPEC.frames());
      assertThat(window.width()).isEqualTo(width > height ? scaled : SHORT_SIDE);
      assertThat(window.height()).isEqualTo(width > height ? SHORT_SIDE : scaled);
    }
  }

  @Test
  void findsTheSameFramesOfALongFileBySeekingAsByReadingItWhole() {
    Path path = FOLDER.resolve("m21_long_30min_54000frames_64x64.mp4");
    assumeThat(path).as("no folder of awkward files").exists();
    SamplingSpec single = new SamplingSpec(1, 1, 16, SHORT_SIDE);
    DecodeLimits whole = new DecodeLimits(1 << 20, 60_000, 300, 60_000, 4);
    Decoded sought =
        new VideoDecoder(single, DecodeLimits.DEFAULT)
            .decode(VideoSource.of(path), SampleSeed.of(9, 0, "long", "windows"));
    Decoded read =
        new VideoDecoder(single, whole)
            .decode(VideoSource.of(path), SampleSeed.of(9, 0, "long", "windows"));

    assertThat(read).isInstanceOf(Decoded.Clips.class);
    assertThat(((Decoded.Clips) read).starts()).doesNotHaveDuplicates();
    assertThat(sought).isEqualTo(read);
  }
}
