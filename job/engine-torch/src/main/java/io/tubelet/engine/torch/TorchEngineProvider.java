package io.tubelet.engine.torch;

import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.EngineProvider.Availability;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.train.Training;
import java.util.EnumSet;
import java.util.Set;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Finds out whether LibTorch can compute here, and opens {@link TorchEngine}s. */
public final class TorchEngineProvider implements EngineProvider {
  @Override
  public String name() {
    return "torch";
  }

  @Override
  public Availability on(Device device) {
    try {
      String found = describe();
      return device.kind() == Device.Kind.CPU ? new Availability(true, found) : card(device);
    } catch (RuntimeException | LinkageError e) {
      return new Availability(false, "LibTorch's natives cannot be loaded: " + e);
    }
  }

  private Availability card(Device device) {
    String library = "/org/bytedeco/pytorch/" + Loader.getPlatform() + "-gpu/libtorch_cuda.so";
    if (TorchEngineProvider.class.getResource(library) == null) {
      return no("LibTorch on the class path is the CPU build; build with Maven profile cuda13");
    }
    int cards = torch.cuda_device_count();
    if (cards == 0) {
      return no("no NVIDIA card or no driver (CUDA 13 needs driver 580 or newer)");
    }
    if (device.index() >= cards) {
      return no("there are %d cards, cuda:0 to cuda:%d".formatted(cards, cards - 1));
    }
    return probe(device);
  }

  /** One addition tells whether the library has machine code for the card. */
  private Availability probe(Device device) {
    TorchDevice here = new TorchDevice(new Placement(device, Precision.FP32, 1));
    try {
      Scope.run(() -> torch.ones(new long[] {1}, here.options(ScalarType.Float)).neg().cpu());
      return new Availability(true, describe() + ", " + device);
    } catch (RuntimeException e) {
      return no(
          "%s cannot be used; LibTorch has machine code for compute capability 7.5 and newer: %s"
              .formatted(device, e.getMessage()));
    }
  }

  private static Availability no(String reason) {
    return new Availability(false, reason);
  }

  /** On a card all; those of capability 7.5 (Turing) multiply bf16 without units for it. */
  @Override
  public Set<Precision> precisions(Device device) {
    if (device.kind() == Device.Kind.CUDA) {
      return EnumSet.complementOf(EnumSet.of(Precision.AUTO));
    }
    return Gemm.Processor.HERE.multipliesBf16()
        ? EnumSet.of(Precision.FP32, Precision.BF16)
        : EnumSet.of(Precision.FP32);
  }

  @Override
  public String describe() {
    return Natives.describe();
  }

  @Override
  public TorchEngine open(Training training, Placement placement) {
    Natives.load();
    return new TorchEngine(training, settle(placement));
  }
}
