package io.tubelet.engine.dl4j;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The NVIDIA cards that ND4J would use, looked up before ND4J loads anything.
 *
 * <p>ND4J's last CUDA backend, nd4j-cuda-11.6 1.0.0-M2.1, holds machine code for compute capability
 * 3.7 to 8.6 and no intermediate code that a driver could translate for newer cards. 8.9 (Ada) runs
 * the code of 8.6; 9.0 (Hopper), 10 and 12 (Blackwell) run none of it. It also deals a process's
 * threads to all visible cards in turn, so that exactly one may be visible.
 *
 * @param visible indices by which {@code CUDA_VISIBLE_DEVICES} names cards; empty where it is unset
 * @param capabilities compute capability of each of these cards, such as {@code 8.6}
 */
record Cards(Optional<String> visible, List<String> capabilities) {
  private static final double OLDEST = 3.7;
  private static final double NEWEST = 8.9;

  /** The cards of this machine; none where the driver's nvidia-smi is not there or fails. */
  static Cards find() {
    Optional<String> visible = Optional.ofNullable(System.getenv("CUDA_VISIBLE_DEVICES"));
    return new Cards(visible, query(visible));
  }

  private static List<String> query(Optional<String> visible) {
    List<String> command =
        Stream.concat(
                Stream.of("nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader"),
                visible.stream().flatMap(cards -> Stream.of("--id=" + cards)))
            .toList();
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? output.lines().map(String::strip).toList() : List.of();
    } catch (IOException e) {
      return List.of(); // no driver
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  /** Why ND4J cannot compute on the card of this index; empty if it can. */
  Optional<String> refusal(int index) {
    if (capabilities.isEmpty()) {
      return Optional.of("no NVIDIA card, no driver, or no nvidia-smi that tells of them");
    }
    if (capabilities.size() > 1) {
      return Optional.of(
          "%d cards are visible and ND4J deals its threads to all of them; set CUDA_VISIBLE_DEVICES to one"
              .formatted(capabilities.size()));
    }
    if (index != 0) {
      return Optional.of("one card is visible, cuda:0, not cuda:%d".formatted(index));
    }
    return unfit(capabilities.get(0));
  }

  /** Why ND4J has no machine code for a compute capability; empty if it has. */
  static Optional<String> unfit(String capability) {
    double number;
    try {
      number = Double.parseDouble(capability);
    } catch (NumberFormatException e) {
      return Optional.of("nvidia-smi gives no compute capability but '%s'".formatted(capability));
    }
    if (number > NEWEST) {
      return Optional.of(
          "the card's compute capability is %s; nd4j-cuda-11.6, the last CUDA backend of ND4J, has machine code"
                  .formatted(capability)
              + " for 3.7 to 8.9 and none that a driver could translate for newer cards, Hopper and Blackwell among"
              + " them; use engine = torch in a build with Maven profile cuda13");
    }
    if (number < OLDEST) {
      return Optional.of(
          "the card's compute capability is %s; nd4j-cuda-11.6 begins at 3.7"
              .formatted(capability));
    }
    return Optional.empty();
  }
}
