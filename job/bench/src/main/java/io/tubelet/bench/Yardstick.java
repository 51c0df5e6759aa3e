package io.tubelet.bench;

import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device.Kind;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.engine.torch.Gemm;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Task;
import io.tubelet.model.Transformer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What steps are measured by: their arithmetic as the papers count it, and what the device does in
 * one large product of their precision. A card needs a wider one than a processor to be busy.
 */
@SuppressWarnings("try") // scopes are there to be closed
final class Yardstick {
  private static final long SIDE = 2048;
  private static final long CARD_SIDE = 8192;

  private interface Product {
    /** {@code a · b}, in {@code room} or elsewhere. */
    Tensor of(Tensor a, Tensor b, Tensor room);
  }

  private Yardstick() {}

  /**
   * Multiply-accumulates of one clip forward: products only, every token embedded, every block for
   * every token. An engine may do less; the count says what it did for the user.
   *
   * @param visible tokens the encoder sees
   */
  static long forward(ModelSpec model, int visible) {
    Transformer encoder = model.encoder();
    long tokens = model.geometry().tokens();
    long values = model.geometry().cubeValues();
    long sum = tokens * values * encoder.dim() + blocks(encoder, visible);
    if (model.task() instanceof Task.Pretraining task) {
      Transformer decoder = task.decoder();
      return sum
          + (long) visible * encoder.dim() * decoder.dim()
          + blocks(decoder, tokens)
          + (tokens - visible) * decoder.dim() * values;
    }
    return sum + (long) encoder.dim() * model.classes();
  }

  /** Floating-point operations of one clip in a training step: two a product, backward is twice. */
  static double training(ModelSpec model, int visible) {
    return 6.0 * forward(model, visible);
  }

  private static long blocks(Transformer size, long tokens) {
    long dim = size.dim();
    long dense = tokens * dim * (4 * dim + 2L * size.mlpDim());
    long attention = 2 * tokens * tokens * dim;
    return size.depth() * (dense + attention);
  }

  /**
   * 10⁹ operations a second of one product {@code [side, side] · [side, side]} in the placement's
   * precision, of the library that is fastest in it.
   */
  static double gflops(Placement placement) {
    double blas = gflops(placement, (a, b, room) -> torch.mm_out(room, a, b));
    return isCpu(placement) && placement.precision() == Precision.FP32 && Context.hasMKLDNN()
        ? Math.max(blas, gflops(placement, (a, b, room) -> Gemm.oneDnn(a, b, null)))
        : blas;
  }

  private static double gflops(Placement placement, Product product) {
    try (PointerScope scope = new PointerScope()) {
      torch.set_num_threads(placement.threads());
      torch.globalContext().setAllowTF32CuBLAS(placement.precision() == Precision.TF32);
      long side = isCpu(placement) ? SIDE : CARD_SIDE;
      Tensor a = factor(side, placement);
      Tensor b = factor(side, placement);
      Tensor room = torch.empty_like(a);
      compute(product, a, b, room); // takes the memory that the measured one uses again
      long start = System.nanoTime();
      compute(product, a, b, room);
      return 2.0 * side * side * side / (System.nanoTime() - start);
    }
  }

  private static void compute(Product product, Tensor a, Tensor b, Tensor room) {
    try (PointerScope scope = new PointerScope()) {
      product.of(a, b, room).select(0, 0).select(0, 0).item_float(); // waits for a card
    }
  }

  private static boolean isCpu(Placement placement) {
    return placement.device().kind() == Kind.CPU;
  }

  private static Tensor factor(long side, Placement placement) {
    Device device = new Device(placement.device().toString());
    TensorOptions fp32 = new TensorOptions(ScalarType.Float).device(new DeviceOptional(device));
    Tensor wide = torch.rand(new long[] {side, side}, fp32);
    return placement.precision() == Precision.BF16 ? wide.to(ScalarType.BFloat16) : wide;
  }
}
