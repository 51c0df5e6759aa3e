package io.tubelet.engine.torch;

import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.engine.Placement.Precision;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A placement in LibTorch's words. LibTorch must be loaded.
 *
 * @param gemm by which library and in which type it multiplies
 */
record TorchDevice(Placement placement, Gemm gemm) {
  /**
   * Token rows that a processor takes through a network at once: enough for BLAS to reach its full
   * rate, few enough for a block's activations to stay in the last-level cache. A full clip of 1568
   * tokens is one such micro-batch.
   */
  private static final long ROWS = 1600;

  TorchDevice(Placement placement) {
    this(placement, Gemm.of(placement));
  }

  /** Sets what LibTorch keeps per thread or process; each thread calls it before it computes. */
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

  TorchDevice withThreads(int threads) {
    return new TorchDevice(
        new Placement(placement.device(), placement.precision(), threads, placement.microBatches()),
        gemm);
  }

  boolean isCuda() {
    return placement.device().kind() == Device.Kind.CUDA;
  }

  /** The largest micro-batch of clips of this many tokens: what suits, or less if that is set. */
  int microBatch(long tokens) {
    int wanted = placement.microBatches().microBatch();
    int suits = isCuda() ? Integer.MAX_VALUE : (int) Math.max(1, ROWS / tokens);
    return wanted == 0 ? suits : Math.min(suits, wanted);
  }

  /** A tape for one pass with gradients. */
  Tape tape() {
    return Tape.recording(placement.microBatches().activationCheckpointing());
  }

  /** A type on this device. */
  TensorOptions options(ScalarType type) {
    var device = new org.bytedeco.pytorch.Device(placement.device().toString());
    return new TensorOptions(type).device(new DeviceOptional(device));
  }
}
