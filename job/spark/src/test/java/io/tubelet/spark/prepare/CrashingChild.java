package io.tubelet.spark.prepare;

import io.tubelet.video.InThread;
import io.tubelet.video.process.DecoderChild;
import java.io.IOException;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** A decoder process with a fault in native code that one file brings out. */
final class CrashingChild {
  private CrashingChild() {}

  public static void main(String[] arguments) throws IOException {
    DecoderChild.serve(
        (source, windows, limits) -> {
          if (source.name().equals("crash.mp4")) {
            new WildPointer().get();
          }
          return new InThread().decode(source, windows, limits);
        });
  }

  /** Points where no process may read. */
  private static final class WildPointer extends BytePointer {
    WildPointer() {
      super((Pointer) null);
      address = 8;
    }
  }
}
