package io.tubelet.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.tubelet.clip.SampleSeed;
import io.tubelet.video.CountingVideo.Encoding;
import io.tubelet.video.Decoded.Reason;
import io.tubelet.video.Decoded.VideoInfo;
import io.tubelet.video.Decoding.DecodeLimits;
import io.tubelet.video.Windows.SamplingSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InThreadTest {
  private static final Windows WINDOWS =
      Windows.drawn(new SamplingSpec(8, 2, 2, CountingVideo.HEIGHT), SampleSeed.of(1, 0, "video"));
  private static final Encoding MATROSKA = new Encoding("matroska", "libopenh264", 25, 20, 10, 0);

  @TempDir Path folder;

  private static Decoded decode(VideoSource source, DecodeLimits limits) {
    return new InThread().decode(source, WINDOWS, limits);
  }

  private static Decoded decode(byte[] bytes) {
    return decode(Sources.of("video", bytes), DecodeLimits.DEFAULT);
  }

  private static void assertRefused(Decoded decoded, Reason reason, String detail) {
    assertThat(Sources.refused(decoded).reason()).isEqualTo(reason);
    assertThat(Sources.refused(decoded).detail()).contains(detail);
  }

  @Test
  void readsALocalFileOfAnyName() throws Exception {
    Path path = folder.resolve("b'ä d, \"動画\" %20.mp4");
    Files.write(path, CountingVideo.file(40));

    Decoded.Clips clips = Sources.clips(decode(Sources.of(path), DecodeLimits.DEFAULT));

    assertThat(clips.windows()).hasSize(2);
    assertThat(clips.info())
        .isEqualTo(
            new VideoInfo("h264", CountingVideo.WIDTH, CountingVideo.HEIGHT, 25, 1.6, 40, 0));
  }

  @Test
  void refusesWhatIsNoFile() throws Exception {
    Path missing = folder.resolve("missing.mp4");
    Path directory = Files.createDirectory(folder.resolve("directory.mp4"));

    assertRefused(
        decode(Sources.of(missing), DecodeLimits.DEFAULT), Reason.MISSING, missing.toString());
    assertRefused(
        decode(Sources.of(directory), DecodeLimits.DEFAULT),
        Reason.UNREADABLE,
        "not a regular file");
  }

  @Test
  void refusesAFileThatMayNotBeRead() throws Exception {
    Path path = Files.write(folder.resolve("secret.mp4"), CountingVideo.file(10));
    assumeThat(path.toFile().setReadable(false, false)).isTrue();
    assumeThat(Files.isReadable(path)).as("not run by root").isFalse();

    assertRefused(decode(Sources.of(path), DecodeLimits.DEFAULT), Reason.UNREADABLE, "secret");
  }

  @Test
  void refusesWhatIsNoVideo() {
    assertRefused(decode(new byte[0]), Reason.EMPTY_FILE, "empty");
    assertRefused(decode(new byte[5_000]), Reason.NOT_MEDIA, "not a ");
    assertRefused(
        decode("no video at all".getBytes(StandardCharsets.UTF_8)), Reason.NOT_MEDIA, "not a ");
  }

  @Test
  void refusesAPlaylistThatNamesOtherFiles() throws Exception {
    Path video = Files.write(folder.resolve("a.mp4"), CountingVideo.file(10));
    String hls = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:%s\n#EXT-X-ENDLIST\n";
    String concat = "ffconcat version 1.0\nfile '%s'\n";
    for (String playlist : new String[] {hls, concat}) {
      assertRefused(
          decode(playlist.formatted(video).getBytes(StandardCharsets.UTF_8)),
          Reason.NOT_MEDIA,
          "not a ");
    }
  }

  @Test
  void refusesAContainerWithoutItsIndex() {
    byte[] file = CountingVideo.file(40);

    assertRefused(decode(Arrays.copyOf(file, file.length / 2)), Reason.UNREADABLE, "header");
  }

  @Test
  void refusesMoreThanTheLimitsAllow() {
    VideoSource source = Sources.of("large", CountingVideo.file(40));

    assertRefused(
        decode(source, new DecodeLimits(4_095, 100, 60, 100)), Reason.TOO_LARGE, "128 x 32");
    assertRefused(
        decode(source, new DecodeLimits(4_096, 39, 60, 100)), Reason.TOO_LARGE, "39 frames");
    Sources.clips(decode(source, new DecodeLimits(4_096, 40, 60, 100)));
  }

  @Test
  void refusesASourceThatTakesTooLong() {
    byte[] file = CountingVideo.file(40);
    VideoSource slow =
        new Sources.InMemory(
            "slow",
            file,
            () -> {
              try {
                Thread.sleep(600);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });

    assertRefused(decode(slow, new DecodeLimits(4_096, 100, 1, 100)), Reason.TIMED_OUT, "time");
  }

  @Test
  void tellsAStorageThatFailsFromADamagedFile() {
    int[] reads = {0};
    VideoSource failing =
        new Sources.InMemory(
            "failing",
            CountingVideo.file(40),
            () -> {
              if (++reads[0] > 1) {
                throw new IOException("disk on fire");
              }
            });

    assertRefused(decode(failing, DecodeLimits.DEFAULT), Reason.UNREADABLE, "disk on fire");
  }

  @Test
  void givesTheFramesOfAFileThatWasCutOff() {
    byte[] file = CountingVideo.file(MATROSKA, 100);
    SamplingSpec all = new SamplingSpec(100, 1, 1, CountingVideo.HEIGHT);
    VideoSource half = Sources.of("half", Arrays.copyOf(file, file.length * 6 / 10));

    Decoded.Clips clips =
        Sources.clips(new InThread().decode(half, Windows.even(all), DecodeLimits.DEFAULT));

    int frames = clips.info().frames();
    int[] numbers = CountingVideo.read(clips.windows().get(0));
    assertThat(frames).isBetween(20, 99);
    assertThat(numbers).startsWith(0, 1, 2, 3).endsWith(frames - 1, frames - 1);
  }

  @Test
  void givesTheGoodFramesOfADamagedFileAndWarns() {
    byte[] file = CountingVideo.file(MATROSKA, 100);
    Arrays.fill(file, file.length / 2, file.length / 2 + 200, (byte) 0x55);

    Decoded.Clips clips = Sources.clips(decode(file));

    assertThat(clips.info().warnings()).isPositive();
    assertThat(clips.info().frames()).isBetween(40, 100);
  }

  @Test
  void doesNotBelieveAHeaderThatClaimsMillionsOfFrames() throws Exception {
    byte[] file = CountingVideo.file(1);
    ByteBuffer header = ByteBuffer.wrap(file);
    int millions = 80_000_000;
    int sizes = find(file, "stsz");
    header.putInt(sizes + 8, 1).putInt(sizes + 12, millions); // each of one byte
    header.putInt(find(file, "stsc") + 16, millions); // all in one chunk
    header.putInt(find(file, "stts") + 12, millions);
    long before = MemoryTest.resident();

    decode(file);

    assertThat(MemoryTest.resident() - before).isLessThan(512 << 10); // the table alone is 1.9 GB
  }

  private static int find(byte[] file, String box) {
    String text = new String(file, StandardCharsets.ISO_8859_1);
    assertThat(text).containsOnlyOnce(box);
    return text.indexOf(box);
  }

  @Test
  void turnsThePictureAsTheContainerSays() {
    byte[] file = CountingVideo.file(20);
    ByteBuffer header = ByteBuffer.wrap(file);
    int matrix = find(file, "tkhd") + 44;
    header.putInt(matrix, 0).putInt(matrix + 4, 1 << 16); // a quarter clockwise
    header.putInt(matrix + 12, -1 << 16).putInt(matrix + 16, 0);

    Decoded.Clips clips = Sources.clips(decode(file));

    assertThat(clips.info().width()).isEqualTo(CountingVideo.HEIGHT);
    assertThat(clips.info().height()).isEqualTo(CountingVideo.WIDTH);
    assertThat(clips.windows().get(0).height()).isEqualTo(CountingVideo.WIDTH);
    int start = WINDOWS.over(20).get(0)[0];
    byte[] pixels = clips.windows().get(0).bytes();
    int topRow = pixels[clips.windows().get(0).offset(0, 4, 16)] & 0xFF; // the first digit
    assertThat(topRow > 127).isEqualTo(start % 2 == 1);
  }

  @Test
  void isSharedByThreads() {
    VideoSource source = Sources.of("shared", CountingVideo.file(40));
    Decoded expected = decode(source, DecodeLimits.DEFAULT);

    assertThat(
            IntStream.range(0, 64).parallel().mapToObj(i -> decode(source, DecodeLimits.DEFAULT)))
        .hasSize(64)
        .containsOnly(expected);
  }

  @Test
  void refusesWindowsLargerThanAnArray() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SamplingSpec(16, 4, 1, 4_096))
        .withMessageContaining("4096");
  }
}
