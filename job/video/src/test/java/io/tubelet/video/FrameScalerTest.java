package io.tubelet.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_UNSPECIFIED;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGRA;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P10LE;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;

import io.tubelet.clip.Frames;
import io.tubelet.video.FrameScaler.Orientation;
import java.util.function.IntBinaryOperator;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;
import org.junit.jupiter.api.Test;

class FrameScalerTest {
  private static final long ONE = 1 << 16;

  /** Luma by row and column; no colour. */
  private static AVFrame grey(int height, int width, IntBinaryOperator luma) {
    AVFrame frame = allocate(AV_PIX_FMT_YUV420P, height, width);
    fill(frame, 0, height, width, luma);
    fill(frame, 1, (height + 1) / 2, (width + 1) / 2, (row, column) -> 128);
    fill(frame, 2, (height + 1) / 2, (width + 1) / 2, (row, column) -> 128);
    return frame;
  }

  private static AVFrame allocate(int format, int height, int width) {
    AVFrame frame = av_frame_alloc();
    frame.format(format).height(height).width(width);
    frame.colorspace(AVCOL_SPC_UNSPECIFIED).color_range(AVCOL_RANGE_MPEG);
    assertThat(av_frame_get_buffer(frame, 0)).isZero();
    return frame;
  }

  private static void fill(
      AVFrame frame, int plane, int height, int width, IntBinaryOperator values) {
    BytePointer data = frame.data(plane);
    for (int row = 0; row < height; row++) {
      for (int column = 0; column < width; column++) {
        long at = (long) row * frame.linesize(plane) + column;
        data.put(at, (byte) values.applyAsInt(row, column));
      }
    }
  }

  private static IntBinaryOperator twoBytes(int value) {
    return (row, column) -> value >> (column % 2 * 8);
  }

  /** RGB [0, 255] of the only frame, which is freed. */
  private static int[] scale(AVFrame frame, int shortSide, int height, int width) throws Exception {
    try (FrameScaler scaler = new FrameScaler(shortSide)) {
      Frames scaled = scaler.scale(frame);
      assertThat(new int[] {scaled.height(), scaled.width()}).containsExactly(height, width);
      byte[] bytes = scaled.bytes();
      assertThat(bytes).hasSize(height * width * 3);
      int[] values = new int[bytes.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = bytes[i] & 0xFF;
      }
      return values;
    } finally {
      av_frame_free(frame);
    }
  }

  private static void assertAll(int[] pixels, int red, int green, int blue, int tolerance) {
    for (int i = 0; i < pixels.length; i += 3) {
      assertThat(pixels[i]).as("red at %d", i).isCloseTo(red, within(tolerance));
      assertThat(pixels[i + 1]).as("green at %d", i).isCloseTo(green, within(tolerance));
      assertThat(pixels[i + 2]).as("blue at %d", i).isCloseTo(blue, within(tolerance));
    }
  }

  @Test
  void stretchesTheLimitedRange() throws Exception {
    assertAll(scale(grey(32, 32, (row, column) -> 16), 32, 32, 32), 0, 0, 0, 1);
    assertAll(scale(grey(32, 32, (row, column) -> 235), 32, 32, 32), 255, 255, 255, 1);
    assertAll(scale(grey(32, 32, (row, column) -> 126), 32, 32, 32), 128, 128, 128, 1);
  }

  @Test
  void takesTheFullRangeAsItIs() throws Exception {
    AVFrame frame = grey(32, 32, (row, column) -> 200);
    frame.color_range(AVCOL_RANGE_JPEG);

    assertAll(scale(frame, 16, 16, 16), 200, 200, 200, 1);
  }

  @Test
  void usesTheMatrixThatTheStreamNames() throws Exception {
    for (boolean named : new boolean[] {true, false}) {
      AVFrame red = grey(32, 32, (row, column) -> 63); // BT.709's red: 63, 102, 240
      fill(red, 1, 16, 16, (row, column) -> 102);
      fill(red, 2, 16, 16, (row, column) -> 240);
      red.colorspace(named ? AVCOL_SPC_BT709 : AVCOL_SPC_UNSPECIFIED);

      // BT.601: 1.164 · 47 + 1.596 · 112 = 233
      assertAll(scale(red, 32, 32, 32), named ? 255 : 233, 0, named ? 1 : 2, 3);
    }
  }

  @Test
  void roundsTenBitsToEight() throws Exception {
    AVFrame frame = allocate(AV_PIX_FMT_YUV420P10LE, 32, 32);
    fill(frame, 0, 32, 64, twoBytes(504));
    fill(frame, 1, 16, 32, twoBytes(512));
    fill(frame, 2, 16, 32, twoBytes(512));

    assertAll(scale(frame, 32, 32, 32), 128, 128, 128, 1); // (504 - 64) / 876 · 255 = 128.1
  }

  @Test
  void leavesAlphaOut() throws Exception {
    AVFrame frame = allocate(AV_PIX_FMT_BGRA, 16, 16);
    int[] transparent = {10, 20, 30, 0};
    fill(frame, 0, 16, 64, (row, column) -> transparent[column % 4]);

    assertAll(scale(frame, 16, 16, 16), 30, 20, 10, 0);
  }

  @Test
  void keepsTheLastRowAndColumnOfOddSizes() throws Exception {
    AVFrame frame = grey(13, 17, (row, column) -> row == 12 || column == 16 ? 235 : 16);
    int[] pixels = scale(frame, 13, 13, 17);

    for (int row = 0; row < 13; row++) {
      for (int column = 0; column < 17; column++) {
        int expected = row == 12 || column == 16 ? 255 : 0;
        assertThat(pixels[(row * 17 + column) * 3]).isCloseTo(expected, within(1));
      }
    }
  }

  @Test
  void averagesWhatIsFinerThanThePixels() throws Exception {
    AVFrame stripes = grey(128, 128, (row, column) -> column % 2 == 0 ? 16 : 235);
    int[] pixels = scale(stripes, 16, 16, 16);

    for (int column = 1; column < 15; column++) { // at the edges one stripe counts more
      assertThat(pixels[(8 * 16 + column) * 3]).isCloseTo(128, within(4));
    }
  }

  @Test
  void enlargesATinyFrame() throws Exception {
    assertAll(scale(grey(16, 16, (row, column) -> 126), 256, 256, 256), 128, 128, 128, 1);
  }

  @Test
  void keepsTheShapeUpToTheAspectLimit() throws Exception {
    scale(grey(136, 320, (row, column) -> 126), 128, 128, 301); // 320 · 128 / 136 = 301.2
    scale(grey(640, 360, (row, column) -> 126), 128, 228, 128); // 640 · 128 / 360 = 227.6
  }

  @Test
  void cutsBothEndsOfALongShape() throws Exception {
    AVFrame wide = grey(16, 960, (row, column) -> column >= 448 && column < 512 ? 235 : 16);
    AVFrame tall = grey(960, 16, (row, column) -> row >= 448 && row < 512 ? 235 : 16);

    assertAll(scale(wide, 32, 32, 128), 255, 255, 255, 1);
    assertAll(scale(tall, 32, 128, 32), 255, 255, 255, 1);
  }

  @Test
  void scalesALaterFrameOfAnotherSizeToTheSame() throws Exception {
    AVFrame first = grey(32, 64, (row, column) -> 16);
    AVFrame later = grey(48, 48, (row, column) -> 235);
    try (FrameScaler scaler = new FrameScaler(16)) {
      assertThat(scaler.scale(first).bytes()).hasSize(16 * 32 * 3).containsOnly(0);
      assertThat(scaler.scale(later).bytes()).hasSize(16 * 32 * 3).containsOnly(255);
      assertThat(scaler.sourceWidth).isEqualTo(64);
    } finally {
      av_frame_free(first);
      av_frame_free(later);
    }
  }

  /** What is shown of 2 rows of 3 pixels, ABC over DEF: rows one after the other. */
  private static String shown(long a, long b, long c, long d) {
    byte[] stored = new byte[18];
    for (int i = 0; i < stored.length; i++) {
      stored[i] = (byte) ('A' + i / 3);
    }
    StringBuilder shown = new StringBuilder();
    byte[] turned = Orientation.of(a, b, c, d).show(new Frames(1, 2, 3, stored)).bytes();
    for (int i = 0; i < turned.length; i += 3) {
      assertThat(turned[i + 1]).isEqualTo(turned[i]);
      shown.append((char) turned[i]);
    }
    return shown.toString();
  }

  @Test
  void leavesAnUprightPictureAlone() {
    assertThat(shown(ONE, 0, 0, ONE)).isEqualTo("ABCDEF");
    assertThat(Orientation.of(ONE, 0, 0, ONE)).isEqualTo(Orientation.UPRIGHT);
  }

  @Test
  void turnsByQuarters() {
    assertThat(shown(0, ONE, -ONE, 0)).as("90 degrees clockwise").isEqualTo("DAEBFC");
    assertThat(shown(-ONE, 0, 0, -ONE)).as("180 degrees").isEqualTo("FEDCBA");
    assertThat(shown(0, -ONE, ONE, 0)).as("90 degrees the other way").isEqualTo("CFBEAD");
  }

  @Test
  void mirrors() {
    assertThat(shown(-ONE, 0, 0, ONE)).isEqualTo("CBAFED");
    assertThat(shown(ONE, 0, 0, -ONE)).isEqualTo("DEFABC");
    assertThat(shown(0, ONE, ONE, 0)).isEqualTo("ADBECF");
    assertThat(shown(0, -ONE, -ONE, 0)).isEqualTo("FCEBDA");
  }

  @Test
  void takesTheNearestQuarterOfAnyOtherAngle() {
    assertThat(Orientation.of(60_000, 20_000, -20_000, 60_000)).isEqualTo(Orientation.UPRIGHT);
    assertThat(Orientation.of(0, 0, 0, 0)).isEqualTo(Orientation.UPRIGHT);
  }
}
