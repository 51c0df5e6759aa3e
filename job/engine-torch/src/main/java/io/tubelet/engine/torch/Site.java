package io.tubelet.engine.torch;

import io.tubelet.engine.Device;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Precision;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A placement in LibTorch's words.
 *
 * @param placement where and how to compute
 */
record Site(Placement placement) {
  /**
   * Token rows that a processor takes through a network at once: enough for BLAS to reach its full
   * rate, few enough for a block's activations to stay in the last-level cache. A full clip of 1568
   * tokens is one such portion.
   */
  private static final long ROWS = 1600;

  /**
   * Sets what LibTorch keeps per thread or per process; to be called by each thread before it
   * computes.
   */
  void enter() {
    torch.set_num_threads(placement.threads());
    if (isCuda()) {
      Context context = torch.globalContext();
      boolean tf32 = placement.precision() == Precision.TF32;
      context.setAllowTF32CuBLAS(tf32);
      context.setAllowTF32CuDNN(tf32);
      context.setSDPUseFlash(true);
      context.setSDPUseCuDNN(true);
      context.setSDPUseMemEfficient(true);
    }
  }

  /** The same with another number of threads. */
  Site withThreads(int threads) {
    return new Site(
        new Placement(placement.device(), placement.precision(), threads, placement.passes()));
  }

  boolean isCuda() {
    return placement.device().kind() == Device.Kind.CUDA;
  }

  /** In which type products are computed. */
  ScalarType product() {
    return placement.precision() == Precision.BF16 ? ScalarType.BFloat16 : ScalarType.Float;
  }

  /** Whether dense layers are {@link OneDnn}'s. */
  boolean takesOneDnn() {
    return !isCuda() && product() == ScalarType.Float && OneDnn.isAvailable();
  }

  /**
   * Whose products attention and the derivatives by weights are. Their factors do not lie as oneDNN
   * wants them, so that BLAS is as fast or faster unless it leaves half of the processor idle.
   */
  Products products() {
    return takesOneDnn() && Processor.here().isWiderThanMkl()
        ? Products.ONE_DNN
        : Products.LIBTORCH;
  }

  /** Clips of this many tokens that go through a network at once. */
  int clipsAtOnce(long tokens) {
    return isCuda() ? Integer.MAX_VALUE : (int) Math.max(1, ROWS / tokens);
  }

  /** A tensor's type as the one enum constant: JavaCPP makes a new object each time. */
  static ScalarType type(Tensor tensor) {
    return tensor.scalar_type().intern();
  }

  /** A type on this device. */
  TensorOptions options(ScalarType type) {
    byte index = (byte) placement.device().index();
    org.bytedeco.pytorch.Device device =
        isCuda()
            ? new org.bytedeco.pytorch.Device(DeviceType.CUDA, index)
            : new org.bytedeco.pytorch.Device(DeviceType.CPU);
    return new TensorOptions()
        .dtype(new ScalarTypeOptional(type))
        .device(new DeviceOptional(device));
  }

  /** Moves a tensor of the processor here; itself if this is the processor. */
  Tensor place(Tensor tensor) {
    return isCuda()
        ? tensor.to(options(tensor.scalar_type()).device(), tensor.scalar_type())
        : tensor;
  }

  /** A table of numbers {@code shape} on this device; the caller must release it. */
  Tensor table(float[] values, long... shape) {
    return Scope.own(
        () -> place(torch.tensor(values, new TensorOptions(ScalarType.Float)).view(shape)));
  }
}
