package io.tubelet.video;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.video.Decoded.Reason;
import io.tubelet.video.Decoding.DecodeLimits;
import io.tubelet.video.Windows.SamplingSpec;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are well made and yet not what a reader of videos hopes for. */
class OddFilesTest {
  private static final DecodeLimits SOUGHT = new DecodeLimits(1 << 20, 1_000, 60, 0);

  private static VideoSource odd(String name) {
    return Sources.of(Sources.file("odd/" + name));
  }

  private static Decoded first(int frames, VideoSource source, DecodeLimits limits) {
    SamplingSpec spec = new SamplingSpec(frames, 1, 1, CountingVideo.HEIGHT);
    return new InThread().decode(source, Windows.even(spec), limits);
  }

  private static Decoded.Clips clips(int frames, VideoSource source) {
    return Sources.clips(first(frames, source, DecodeLimits.DEFAULT));
  }

  private static Decoded.Refused refused(VideoSource source) {
    return Sources.refused(first(4, source, DecodeLimits.DEFAULT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cover-first.mp4",
        "timecode-and-sound.mov",
        "second-stream-is-default.mkv",
        "webm-named.mp4"
      })
  void findsTheVideoAmongOtherStreamsAndUnderAnotherName(String name) throws Exception {
    Decoded.Clips clips = clips(240, odd(name));

    assertThat(clips.info().width()).isEqualTo(CountingVideo.WIDTH);
    assertThat(CountingVideo.read(clips.windows().get(0)))
        .containsExactly(IntStream.range(0, 240).toArray());
  }

  @Test
  void refusesACoverForAVideo() throws Exception {
    assertThat(refused(odd("cover-alone.mp4")).reason()).isEqualTo(Reason.NO_VIDEO_STREAM);
  }

  @Test
  void saysThatAnIndexIsCutOffRatherThanThatThereIsNoVideo() {
    byte[] whole = CountingVideo.file(CountingVideo.Encoding.h264(25), 24);
    int index = new String(whole, ISO_8859_1).lastIndexOf("moov");
    Set<Reason> reasons = EnumSet.noneOf(Reason.class);
    for (int length = index; length < whole.length - 100; length += 10) {
      reasons.add(refused(Sources.of("cut.mp4", Arrays.copyOf(whole, length))).reason());
    }
    assertThat(reasons).contains(Reason.UNREADABLE).doesNotContain(Reason.NO_VIDEO_STREAM);
  }

  @Test
  void refusesAPictureNamedLikeAVideo() throws Exception {
    assertThat(refused(odd("picture-named.mp4")).reason()).isEqualTo(Reason.NOT_MEDIA);
  }

  @Test
  void saysThatAFileIsEncrypted() throws Exception {
    Decoded.Refused refused = refused(odd("encrypted.mp4"));

    assertThat(refused.reason()).isEqualTo(Reason.UNSUPPORTED_CODEC);
    assertThat(refused.detail()).contains("encrypted");
  }

  @Test
  void scalesFramesOfAnotherSizeToTheFirst() throws Exception {
    Decoded.Clips clips = clips(40, odd("size-changes.ts"));

    assertThat(clips.info().frames()).isBetween(39, 40);
    assertThat(CountingVideo.read(clips.windows().get(0)))
        .startsWith(0, 1, 2, 3)
        .contains(17, 18, 19);
  }

  @Test
  void givesTheRightFramesThoughEveryFrameIsCalledAKeyFrame() {
    byte[] file = CountingVideo.file(100);
    put(file, "stss", 0, "free".getBytes(ISO_8859_1)); // without the list, all are

    Decoded.Clips clips = Sources.clips(first(8, Sources.of("all keys", file), SOUGHT));

    assertThat(CountingVideo.read(clips.windows().get(0)))
        .containsExactly(46, 47, 48, 49, 50, 51, 52, 53);
  }

  @Test
  void countsFramesThatAllLastNoTime() {
    byte[] file = CountingVideo.file(30);
    put(file, "stts", 12, new byte[4]); // the length of each frame

    Decoded.Clips clips = clips(30, Sources.of("no time", file));

    assertThat(CountingVideo.read(clips.windows().get(0)))
        .containsExactly(IntStream.range(0, 30).toArray());
  }

  private static void put(byte[] file, String box, int offset, byte[] bytes) {
    int at = new String(file, ISO_8859_1).indexOf(box);
    assertThat(at).isPositive();
    ByteBuffer.wrap(file).position(at + offset).put(bytes);
  }

  @Test
  void refusesAFewBytesThatClaimToBeHuge() throws IOException {
    ByteArrayOutputStream gif = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_INDEXED), "gif", gif);
    byte[] bytes = gif.toByteArray();
    ByteBuffer.wrap(bytes).putInt(6, 0x803E803E); // 16,000 columns and as many rows

    assertThat(refused(Sources.of("huge", bytes)).reason()).isEqualTo(Reason.TOO_LARGE);
  }

  @Test
  void callsNobodyWhateverAFileNames() throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      server.configureBlocking(false);
      String host = "127.0.0.1:" + server.socket().getLocalPort();
      for (String text : playlists(host)) {
        assertThat(refused(Sources.of("list.mp4", text.getBytes(UTF_8))).reason())
            .isIn(Reason.NOT_MEDIA, Reason.UNREADABLE);
        assertThat(server.accept()).as(text).isNull();
      }
    }
  }

  private static List<String> playlists(String host) {
    return Stream.of(
            """
            #EXTM3U
            #EXT-X-TARGETDURATION:1
            #EXTINF:1,
            http://%s/a.ts
            #EXT-X-ENDLIST
            """,
            """
            #EXTM3U
            #EXT-X-MEDIA-SEQUENCE:0
            #EXTINF:1,
            concat:http://%s/a|file:/etc/passwd
            """,
            """
            ffconcat version 1.0
            file 'tcp://%s'
            """,
            """
            <?xml version="1.0"?>
            <MPD type="static" mediaPresentationDuration="PT1S"><Period><AdaptationSet mimeType="video/mp4">
            <Representation id="1"><BaseURL>http://%s/a.mp4</BaseURL></Representation>
            </AdaptationSet></Period></MPD>
            """,
            """
            v=0
            o=- 0 0 IN IP4 127.0.0.1
            c=IN IP4 127.0.0.1
            a=control:rtsp://%s/a
            m=video 9 RTP/AVP 96
            a=rtpmap:96 H264/90000
            """,
            """
            <asx version="3.0"><entry><ref href="http://%s/a.asf"/></entry></asx>
            """,
            """
            [Reference]
            Ref1=http://%s/a.asf
            """)
        .map(text -> text.formatted(host))
        .toList();
  }
}
