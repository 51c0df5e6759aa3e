package io.tubelet.video;

import io.tubelet.video.Decoding.DecodeLimits;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** A decoder process that goes wrong on files whose names say how. */
final class FaultyChild {
  private FaultyChild() {}

  public static void main(String[] arguments) throws IOException {
    DecoderChild.serve(FaultyChild::decode);
  }

  private static Decoded decode(VideoSource source, Windows windows, DecodeLimits limits) {
    Decoded decoded = new InThread().decode(source, windows, limits);
    switch (source.name()) {
      case "segfault" -> new WildPointer().get();
      case "halt" -> Runtime.getRuntime().halt(42);
      case "sleep" -> sleep();
      case "native memory" -> fillNativeMemory();
      case "heap" -> fillHeap();
      case "babble" -> babble();
      default -> {}
    }
    return decoded;
  }

  /** Points where no process may read. */
  private static final class WildPointer extends BytePointer {
    WildPointer() {
      super((Pointer) null);
      address = 8;
    }
  }

  private static void sleep() {
    try {
      Thread.sleep(600_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void fillNativeMemory() {
    int chunk = 16 << 20;
    for (long all = 0; all < 8L << 30; all += chunk) {
      Pointer.memset(Pointer.malloc(chunk), 1, chunk);
    }
  }

  private static void fillHeap() {
    List<byte[]> all = new ArrayList<>();
    while (all.size() < 1 << 20) {
      all.add(new byte[1 << 20]);
    }
  }

  /** What a decoder with a broken heap may say: a text of 2 GB follows. */
  private static void babble() {
    try (FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
      out.write(new byte[] {'v', 0x7F, -1, -1, -1});
      sleep();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
