package io.tubelet.engine.dl4j;

import io.tubelet.engine.Device;
import io.tubelet.engine.Engine;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.EngineProvider.Availability;
import io.tubelet.engine.EngineUnavailableException;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.MicroBatches;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.training.Training;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
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
  private static final String NO_CUDA =
      "nd4j-native computes on the processor only; nd4j-cuda-11.6, the last CUDA backend of ND4J,"
          + " is not on the class path (Maven profile nd4j-cuda) and has machine code for compute"
          + " capability 3.7 to 8.9 only, so nothing for Hopper or Blackwell; use engine = torch or"
          + " device = cpu";

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
    Availability availability = on(placement.device());
    if (!availability.usable()) {
      throw new EngineUnavailableException(name() + ": " + availability.reason());
    }
    if (settle(placement).precision() != Precision.FP32) {
      throw new IllegalArgumentException(
          "engine nd4j computes in FP32 only, not in " + placement.precision());
    }
    if (!placement.passes().equals(MicroBatches.WHOLE)) {
      throw new IllegalArgumentException(
          "engine nd4j takes a minibatch in one pass and keeps all activations;"
              + " engine.micro-batch and engine.recompute need engine.name = torch");
    }
    return new Nd4jEngine(training, placement.threads());
  }
}
