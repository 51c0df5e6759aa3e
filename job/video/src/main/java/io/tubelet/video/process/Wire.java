package io.tubelet.video.process;

import io.tubelet.clip.Frames;
import io.tubelet.video.Decoded;
import io.tubelet.video.SamplingSpec;
import io.tubelet.video.VideoInfo;
import io.tubelet.video.Windows;
import io.tubelet.video.source.DecodeLimits;
import io.tubelet.video.source.Reason;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The messages between a decoder process and its parent; the package's comment has the order. */
final class Wire {
  static final byte READY = 'r';
  static final byte OPEN = 'o';
  static final byte READ = 'g';
  static final byte CLOSE = 'c';
  static final byte CLIPS = 'v';
  static final byte REFUSED = 'n';

  /** Instead of a length: the end of the file, or no such file. */
  static final int END = -1;

  /** Instead of a length: the storage failed; why follows. */
  static final int FAILED = -2;

  private static final int LONGEST_TEXT = 1 << 20;

  private Wire() {}

  static void write(DataOutput out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  static String text(DataInput in) throws IOException {
    byte[] bytes = new byte[within(in.readInt(), 0, LONGEST_TEXT)];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static int within(int number, int least, int most) throws IOException {
    if (number < least || number > most) {
      throw new IOException("%d where %d to %d belongs".formatted(number, least, most));
    }
    return number;
  }

  static void write(DataOutput out, Windows windows) throws IOException {
    SamplingSpec spec = windows.spec();
    for (int number : new int[] {spec.frames(), spec.stride(), spec.windows(), spec.shortSide()}) {
      out.writeInt(number);
    }
    out.writeBoolean(spec.uniform());
    double[] shares = windows.shares();
    out.writeInt(shares.length);
    for (double share : shares) {
      out.writeDouble(share);
    }
  }

  static Windows windows(DataInput in) throws IOException {
    int frames = in.readInt();
    int stride = in.readInt();
    int count = in.readInt();
    int shortSide = in.readInt();
    SamplingSpec spec = new SamplingSpec(frames, stride, count, in.readBoolean(), shortSide);
    double[] shares = new double[in.readInt()];
    for (int i = 0; i < shares.length; i++) {
      shares[i] = in.readDouble();
    }
    return Windows.at(spec, shares);
  }

  static void write(DataOutput out, DecodeLimits limits) throws IOException {
    out.writeLong(limits.pixels());
    out.writeInt(limits.frames());
    out.writeInt(limits.seconds());
    out.writeInt(limits.wholeFrames());
    out.writeInt(limits.aspect());
  }

  static DecodeLimits limits(DataInput in) throws IOException {
    return new DecodeLimits(in.readLong(), in.readInt(), in.readInt(), in.readInt(), in.readInt());
  }

  static void write(DataOutput out, Decoded decoded) throws IOException {
    if (decoded instanceof Decoded.Refused refused) {
      out.writeByte(REFUSED);
      write(out, refused.reason().name());
      write(out, refused.detail());
    } else if (decoded instanceof Decoded.Clips clips) {
      out.writeByte(CLIPS);
      write(out, clips.info());
      for (int window = 0; window < clips.windows().size(); window++) {
        Frames frames = clips.windows().get(window);
        out.writeInt(clips.starts().get(window));
        out.writeInt(frames.height());
        out.writeInt(frames.width());
        out.write(frames.bytes());
      }
    }
  }

  static Decoded.Refused refused(DataInput in) throws IOException {
    String reason = text(in);
    try {
      return new Decoded.Refused(Reason.valueOf(reason), text(in));
    } catch (IllegalArgumentException e) {
      throw new IOException("no reason: " + reason, e);
    }
  }

  /** What the child says must have the form that was asked for: it may be out of its mind. */
  static Decoded.Clips clips(DataInput in, SamplingSpec spec, DecodeLimits limits)
      throws IOException {
    VideoInfo info = info(in);
    List<Integer> starts = new ArrayList<>();
    List<Frames> windows = new ArrayList<>();
    for (int window = 0; window < spec.windows(); window++) {
      starts.add(within(in.readInt(), 0, Integer.MAX_VALUE));
      int longest = spec.shortSide() * limits.aspect() + 1;
      int height = within(in.readInt(), 1, longest);
      int width = within(in.readInt(), 1, longest);
      if (Math.min(height, width) > spec.shortSide()) {
        throw new IOException("a window of %d x %d".formatted(height, width));
      }
      byte[] bytes = new byte[spec.frames() * height * width * 3];
      in.readFully(bytes);
      windows.add(new Frames(spec.frames(), height, width, bytes));
    }
    return new Decoded.Clips(info, starts, windows);
  }

  private static void write(DataOutput out, VideoInfo info) throws IOException {
    write(out, info.codec());
    out.writeInt(info.width());
    out.writeInt(info.height());
    out.writeDouble(info.framesPerSecond());
    out.writeDouble(info.seconds());
    out.writeInt(info.frames());
    out.writeInt(info.warnings());
  }

  private static VideoInfo info(DataInput in) throws IOException {
    return new VideoInfo(
        text(in),
        in.readInt(),
        in.readInt(),
        in.readDouble(),
        in.readDouble(),
        in.readInt(),
        in.readInt());
  }
}
