package io.tubelet.video.motion;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.bytedeco.javacv.Frame;

/**
 * A motion set as H.264 files, each made by itself from the settings and its item alone:
 *
 * <pre>
 *   train/left/0001.mp4      one folder per class
 *   test/left/0001.mp4
 *   unlabelled/00001.mp4     one folder, classes in turn
 * </pre>
 */
public record MotionSet(Spec spec, Counts counts) implements SyntheticSet {
  public static final String TRAIN = "train";
  public static final String TEST = "test";
  public static final String UNLABELLED = "unlabelled";

  private static final int FRAMES_PER_SECOND = 25;
  private static final int KEY_INTERVAL = 250;

  /** Of every frame, 1 (best) to 51. */
  private static final int QUANTIZER = 20;

  static {
    avutil.av_log_set_level(avutil.AV_LOG_QUIET);
  }

  /** Square frames of {@code size} pixels a side, which is even as H.264 wants it. */
  public record Spec(long seed, int size, int frames) implements Serializable {

    /**
     * @throws IllegalArgumentException if the size is odd or below 16, or there is no frame
     */
    public Spec {
      if (size < 16 || size % 2 != 0 || frames < 1) {
        throw new IllegalArgumentException(
            "%d frames of side %d: at least 1, of an even side of at least 16"
                .formatted(frames, size));
      }
    }
  }

  /** Clips to learn from and to be tested on per class; unlabelled ones in all. */
  public record Counts(int train, int test, int unlabelled) implements Serializable {}

  @Override
  public List<Item> items() {
    List<Item> items = new ArrayList<>();
    int classes = MotionClass.values().length;
    add(items, UNLABELLED, counts.unlabelled());
    add(items, TRAIN, counts.train() * classes);
    add(items, TEST, counts.test() * classes);
    return items;
  }

  private static void add(List<Item> items, String split, int count) {
    int classes = MotionClass.values().length;
    for (int index = 0; index < count; index++) {
      String label = MotionClass.of(index).label();
      String name =
          split.equals(UNLABELLED)
              ? "%s/%05d.mp4".formatted(split, index + 1)
              : "%s/%s/%04d.mp4".formatted(split, label, index / classes + 1);
      items.add(new Item(name, split, index));
    }
  }

  @Override
  public byte[] file(Item item) {
    MotionClass motion = MotionClass.of(item.index());
    Frames frames = MotionClip.render(spec, item.split(), item.index(), motion);
    return mp4(frames, FRAMES_PER_SECOND);
  }

  /** The bytes of a video, the same each time. */
  static byte[] mp4(Frames frames, int rate) {
    try {
      Path file = Files.createTempFile("motion", ".mp4");
      try {
        write(frames, rate, file);
        return Files.readAllBytes(file);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write a video: " + e.getMessage(), e);
    }
  }

  /** H.264 Constrained Baseline in an mp4: what every player and every decoder takes. */
  private static void write(Frames frames, int rate, Path file) throws IOException {
    int width = frames.width();
    String quantizer = Integer.toString(QUANTIZER);
    try (FFmpegFrameRecorder recorder =
        new FFmpegFrameRecorder(file.toFile(), width, frames.height())) {
      recorder.setFormat("mp4");
      recorder.setVideoCodecName("libopenh264");
      recorder.setPixelFormat(avutil.AV_PIX_FMT_YUV420P);
      recorder.setFrameRate(rate);
      recorder.setGopSize(KEY_INTERVAL);
      recorder.setVideoBitrate(0); // the quantizer alone decides
      recorder.setVideoQuality(QUANTIZER);
      recorder.setVideoOptions(
          Map.of("qmin", quantizer, "qmax", quantizer, "threads", "1", "flags", "+bitexact"));
      recorder.setOption("fflags", "+bitexact"); // no date and no program's name in the file
      recorder.setImageScalingFlags(
          swscale.SWS_BILINEAR
              | swscale.SWS_ACCURATE_RND
              | swscale.SWS_FULL_CHR_H_INP
              | swscale.SWS_BITEXACT);
      recorder.start();
      int line = width * ClipGeometry.CHANNELS;
      int bytes = frames.height() * line;
      for (int time = 0; time < frames.time(); time++) {
        ByteBuffer frame = ByteBuffer.wrap(frames.bytes(), time * bytes, bytes).slice();
        recorder.recordImage(
            width,
            frames.height(),
            Frame.DEPTH_UBYTE,
            ClipGeometry.CHANNELS,
            line,
            avutil.AV_PIX_FMT_RGB24,
            frame);
      }
    }
  }
}
