package io.tubelet.video.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.Frames;
import io.tubelet.video.Decoded;
import io.tubelet.video.SamplingSpec;
import io.tubelet.video.VideoDecoder;
import io.tubelet.video.source.DecodeLimits;
import io.tubelet.video.source.VideoSource;
import org.junit.jupiter.api.Test;

class VideoEncoderTest {
  /** Red, green, blue and grey quarters; the grey one grows brighter. */
  private static Frames quarters(int frames, int side) {
    byte[] bytes = new byte[frames * side * side * 3];
    Frames made = new Frames(frames, side, side, bytes);
    for (int time = 0; time < frames; time++) {
      for (int pixel = 0; pixel < side * side; pixel++) {
        int quarter = (pixel / side * 2 / side) * 2 + pixel % side * 2 / side;
        int at = made.offset(time, 0, 0) + 3 * pixel;
        if (quarter < 3) {
          bytes[at + quarter] = (byte) 200;
        } else {
          bytes[at] = bytes[at + 1] = bytes[at + 2] = (byte) (10 * time);
        }
      }
    }
    return made;
  }

  @Test
  void givesTheSameBytesForTheSameFrames() {
    Frames frames = quarters(12, 64);

    assertThat(VideoEncoder.encode(frames, Encoding.h264(25)))
        .isEqualTo(VideoEncoder.encode(frames, Encoding.h264(25)));
  }

  @Test
  void keepsColoursAndBrightness() {
    Frames frames = quarters(12, 64);
    byte[] file = VideoEncoder.encode(frames, Encoding.h264(25));
    SamplingSpec all = new SamplingSpec(12, 1, 1, 64);

    Decoded decoded =
        new VideoDecoder(all, DecodeLimits.DEFAULT).decodeEvenly(VideoSource.of("quarters", file));

    assertThat(decoded).isInstanceOf(Decoded.Clips.class);
    Frames back = ((Decoded.Clips) decoded).windows().get(0);
    for (int time = 0; time < 12; time++) {
      for (int[] centre : new int[][] {{16, 16}, {16, 48}, {48, 16}, {48, 48}}) {
        int at = frames.offset(time, centre[0], centre[1]);
        for (int c = 0; c < 3; c++) {
          assertThat(back.bytes()[at + c] & 0xFF)
              .isCloseTo(frames.bytes()[at + c] & 0xFF, within(8));
        }
      }
    }
  }

  @Test
  void refusesOddSizesAndUnknownNames() {
    Encoding unknown = new Encoding("mp4", "no_such_codec", 25, 20, 10, 0);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new VideoEncoder(Encoding.h264(25), 33, 64))
        .withMessageContaining("33 x 64");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new VideoEncoder(unknown, 32, 64))
        .withMessageContaining("no_such_codec");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Encoding("mp4", "mpeg4", 0, 20, 10, 0));
  }
}
