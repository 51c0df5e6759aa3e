package io.tubelet.engine.torch;

import java.util.List;
import org.bytedeco.pytorch.global.torch;

/** Which of a machine's NVIDIA cards this process sees. */
public final class VisibleCards {
  /** What CUDA reads when it starts, and never again. */
  public static final String VARIABLE = "CUDA_VISIBLE_DEVICES";

  private VisibleCards() {}

  /**
   * Hides all cards but these; from now on they are 0, 1, … in this order. Changes the process'
   * environment, which Java cannot; must come before the first use of CUDA.
   *
   * @param cards numbers in the order of the PCI bus, which is {@code nvidia-smi}'s, or UUIDs
   * @throws LinkageError if LibTorch cannot be loaded here
   */
  public static void only(List<String> cards) {
    only(VARIABLE, cards);
  }

  static void only(String variable, List<String> cards) {
    Natives.load();
    torch.set_env("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
    torch.set_env(variable, String.join(",", cards));
  }
}
