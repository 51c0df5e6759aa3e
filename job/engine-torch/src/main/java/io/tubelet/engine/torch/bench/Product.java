package io.tubelet.engine.torch.bench;

import io.tubelet.engine.Device.Kind;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.engine.torch.OneDnn;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What a device does in one large product: the yardstick for everything else. On a processor it is
 * 2048 wide and in fp32, whatever the steps compute in; a card needs a wider one to be busy, and is
 * measured by what its tensor cores do in the steps' precision.
 */
@SuppressWarnings("try") // scopes are there to be closed
final class Product {
  private static final long SIDE = 2048;
  private static final long CARD_SIDE = 8192;

  private Product() {}

  /** In which precision the product is measured. */
  static Precision precision(Placement placement) {
    return isCpu(placement) ? Precision.FP32 : placement.precision();
  }

  /** 10⁹ operations a second of one product {@code [side, side] · [side, side]} of LibTorch's. */
  static double gflops(Placement placement) {
    try (PointerScope scope = new PointerScope()) {
      torch.set_num_threads(placement.threads());
      torch.globalContext().setAllowTF32CuBLAS(precision(placement) == Precision.TF32);
      long side = isCpu(placement) ? SIDE : CARD_SIDE;
      Tensor a = factor(side, placement);
      Tensor b = factor(side, placement);
      Tensor c = torch.empty_like(a);
      return gflops(side, () -> torch.mm_out(c, a, b));
    }
  }

  /**
   * The same of oneDNN's: more than a BLAS gives that leaves some of the processor's units idle.
   * Empty on a card.
   */
  static OptionalDouble oneDnnGflops(Placement placement) {
    if (!isCpu(placement) || !OneDnn.isAvailable()) {
      return OptionalDouble.empty();
    }
    try (PointerScope scope = new PointerScope()) {
      torch.set_num_threads(placement.threads());
      Tensor a = factor(SIDE, placement);
      Tensor b = factor(SIDE, placement);
      return OptionalDouble.of(gflops(SIDE, () -> OneDnn.product(a, b, null)));
    }
  }

  private static double gflops(long side, Supplier<Tensor> product) {
    compute(product); // takes the memory that the measured one uses again
    long start = System.nanoTime();
    compute(product);
    return 2.0 * side * side * side / (System.nanoTime() - start);
  }

  private static void compute(Supplier<Tensor> product) {
    try (PointerScope scope = new PointerScope()) {
      product.get().select(0, 0).select(0, 0).item_float(); // waits for a card
    }
  }

  private static boolean isCpu(Placement placement) {
    return placement.device().kind() == Kind.CPU;
  }

  private static Tensor factor(long side, Placement placement) {
    Tensor wide = torch.rand(new long[] {side, side}, options(placement));
    return precision(placement) == Precision.BF16 ? wide.to(ScalarType.BFloat16) : wide;
  }

  /** fp32 on the placement's device. */
  static TensorOptions options(Placement placement) {
    return new TensorOptions()
        .dtype(new ScalarTypeOptional(ScalarType.Float))
        .device(new DeviceOptional(new Device(placement.device().toString())));
  }
}
