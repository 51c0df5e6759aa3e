package io.tubelet.engine.dl4j;

import io.tubelet.engine.Engine;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.EngineProvider.Availability;
import io.tubelet.engine.EngineProvider.EngineUnavailableException;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.engine.Placement.MicroBatches;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.model.Task;
import io.tubelet.train.Training;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Finds out whether ND4J can compute here, and opens {@link Nd4jEngine}s.
 *
 * <p>The number of BLAS threads is a setting of the whole process: the engine opened last decides.
 * More than one pays only where the cores are free; threads that wait for a busy core slow the many
 * small products of attention down tenfold. One thread a task is the safe choice.
 */
public final class Nd4jEngineProvider implements EngineProvider {
  private static final String CODE =
      "nd4j-cuda-11.6, the last CUDA backend of ND4J, has machine code for compute capability 3.7"
          + " to 8.9, so none for Hopper or Blackwell; use engine = torch in a build with Maven"
          + " profile cuda13, or device = cpu";

  private static final String NO_CUDA =
      "nd4j-native computes on the processor only, and no CUDA backend is on the class path (Maven"
          + " profile nd4j-cuda); "
          + CODE;

  private static final String NO_CPU =
      "ND4J is the CUDA build (Maven profile nd4j-cuda), which computes on cards only; use engine ="
          + " torch";

  private static final String VERSION = "/META-INF/maven/org.nd4j/nd4j-api/pom.properties";
  private static final String CUDA_BACKEND = "/org/nd4j/linalg/jcublas/JCublasBackend.class";

  @Override
  public String name() {
    return "nd4j";
  }

  @Override
  public Availability on(Device device) {
    boolean card = device.kind() == Device.Kind.CUDA;
    boolean cuda = Nd4jEngineProvider.class.getResource(CUDA_BACKEND) != null;
    if (card != cuda) {
      return new Availability(false, card ? NO_CUDA : NO_CPU);
    }
    Optional<String> refusal = card ? Cards.find().refusal(device.index()) : Optional.empty();
    if (refusal.isPresent()) {
      return new Availability(false, refusal.get());
    }
    try {
      return new Availability(true, describe());
    } catch (RuntimeException | LinkageError e) {
      return new Availability(false, "ND4J's natives cannot be loaded: " + e);
    }
  }

  @Override
  public String describe() {
    Properties environment = Nd4j.getExecutioner().getEnvironmentInformation();
    return "ND4J %s on %s, BLAS %s with %s threads"
        .formatted(
            version(),
            Nd4j.getBackend().getClass().getSimpleName(),
            environment.get("blas.vendor"),
            environment.get("blas.threads"));
  }

  private static String version() {
    Properties properties = new Properties();
    try (InputStream in = Nd4jEngineProvider.class.getResourceAsStream(VERSION)) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(VERSION, e);
    }
    return properties.getProperty("version", "of unknown version");
  }

  @Override
  public Engine open(Training training, Placement placement) {
    if (training.model().detects()) {
      throw new EngineUnavailableException("engine nd4j detects nothing; set engine.name = torch");
    }
    if (training.model().task() instanceof Task.Contrastive) {
      throw new EngineUnavailableException("engine nd4j has no MoCo v3; set engine.name = torch");
    }
    if (settle(placement).precision() != Precision.FP32) {
      throw new IllegalArgumentException(
          "engine nd4j computes in FP32 only, not in " + placement.precision());
    }
    if (!placement.microBatches().equals(MicroBatches.WHOLE)) {
      throw new IllegalArgumentException(
          "engine nd4j takes a minibatch in one pass and keeps all activations;"
              + " engine.micro-batch and engine.activation-checkpointing need engine.name = torch");
    }
    return new Nd4jEngine(training, placement.threads());
  }

  /**
   * The NVIDIA cards that ND4J would use, looked up before ND4J loads anything.
   *
   * <p>ND4J's last CUDA backend, nd4j-cuda-11.6 1.0.0-M2.1, holds machine code for compute
   * capability 3.7 to 8.6 and no intermediate code that a driver could translate for newer cards.
   * 8.9 (Ada) runs the code of 8.6; 9.0 (Hopper), 10 and 12 (Blackwell) run none of it. It also
   * deals a process's threads to all visible cards in turn, so that exactly one may be visible.
   *
   * @param capabilities compute capability of each visible card, such as {@code 8.6}
   */
  record Cards(List<String> capabilities) {
    private static final double OLDEST = 3.7;
    private static final double NEWEST = 8.9;

    /** The cards of this machine; none where the driver's nvidia-smi is not there or fails. */
    static Cards find() {
      List<String> command = new ArrayList<>();
      Collections.addAll(command, "nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader");
      String visible = System.getenv("CUDA_VISIBLE_DEVICES");
      if (visible != null) {
        command.add("--id=" + visible);
      }
      try {
        Process process =
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Cards(
            process.waitFor() == 0 ? output.lines().map(String::strip).toList() : List.of());
      } catch (IOException e) {
        return new Cards(List.of()); // no driver
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return new Cards(List.of());
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
      String capability = capabilities.get(0);
      double number = capability.matches("\\d+(\\.\\d+)?") ? Double.parseDouble(capability) : 0;
      return number >= OLDEST && number <= NEWEST
          ? Optional.empty()
          : Optional.of("the card's compute capability is '%s'; ".formatted(capability) + CODE);
    }
  }
}
