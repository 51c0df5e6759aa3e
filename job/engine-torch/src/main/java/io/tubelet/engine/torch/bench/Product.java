package io.tubelet.engine.torch.bench;

import io.tubelet.engine.Placement;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What a device does in one large fp32 product: the yardstick for everything else. */
@SuppressWarnings("try") // scopes are there to be closed
final class Product {
  private static final long SIDE = 2048;

  private Product() {}

  /** 10⁹ operations a second of one product {@code [2048, 2048] · [2048, 2048]}. */
  static double gflops(Placement placement) {
    try (PointerScope scope = new PointerScope()) {
      torch.set_num_threads(placement.threads());
      Tensor a = torch.rand(new long[] {SIDE, SIDE}, options(placement));
      Tensor b = torch.rand(new long[] {SIDE, SIDE}, options(placement));
      Tensor c = a.mm(b); // takes the memory that the measured one uses again
      c.select(0, 0).select(0, 0).item_float();
      long start = System.nanoTime();
      torch.mm_out(c, a, b);
      c.select(0, 0).select(0, 0).item_float(); // waits for a card
      return 2.0 * SIDE * SIDE * SIDE / (System.nanoTime() - start);
    }
  }

  /** fp32 on the placement's device. */
  static TensorOptions options(Placement placement) {
    return new TensorOptions()
        .dtype(new ScalarTypeOptional(ScalarType.Float))
        .device(new DeviceOptional(new Device(placement.device().toString())));
  }
}
