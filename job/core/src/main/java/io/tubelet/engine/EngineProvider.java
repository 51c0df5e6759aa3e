package io.tubelet.engine;

import io.tubelet.engine.Placement.Device;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.train.Training;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;

/**
 * An engine on the class path, found with {@link java.util.ServiceLoader}. Making a provider must
 * be cheap and must load no native library.
 */
public interface EngineProvider {
  /** The name that means: the fastest engine that fits. */
  String AUTO = "auto";

  /** The name by which a configuration asks for it: {@code nd4j}, {@code torch}. */
  String name();

  /** Whether it can compute there on this machine, and if not, why. Loads natives. */
  Availability on(Device device);

  /** In which precisions it computes there with instructions of the device. Loads natives. */
  default Set<Precision> precisions(Device device) {
    return Set.of(Precision.FP32);
  }

  /** A placement whose precision is no longer {@link Precision#AUTO}. Loads natives. */
  default Placement settle(Placement wanted) {
    if (wanted.precision() != Precision.AUTO) {
      return wanted;
    }
    boolean narrow = precisions(wanted.device()).contains(Precision.BF16);
    return wanted.in(narrow ? Precision.BF16 : Precision.FP32);
  }

  /** One line for people: library versions, BLAS, instruction set. Loads natives. */
  String describe();

  /**
   * An engine with weights not yet loaded, on a device of which {@link #on} says yes.
   *
   * @throws EngineUnavailableException if it has no such network
   * @throws IllegalArgumentException if it cannot do what the placement asks
   */
  Engine open(Training training, Placement placement);

  /** All providers on the class path, the fastest first. */
  static List<EngineProvider> all() {
    List<EngineProvider> providers = new ArrayList<>();
    ServiceLoader.load(EngineProvider.class, EngineProvider.class.getClassLoader())
        .forEach(providers::add);
    List<String> slowestFirst = List.of("nd4j", "torch"); // others come last
    providers.sort(Comparator.comparingInt(p -> -slowestFirst.indexOf(p.name())));
    return providers;
  }

  /**
   * The provider for a name, that of a class too, or for {@link #AUTO} the first that can use the
   * device; fails with the reason of every engine that was asked.
   */
  static EngineProvider find(String name, Device device) {
    List<String> reasons = new ArrayList<>();
    for (EngineProvider provider : name.contains(".") ? List.of(named(name)) : all()) {
      if (name.equals(AUTO) || name.equals(provider.name())) {
        Availability availability = provider.on(device);
        if (availability.usable()) {
          return provider;
        }
        reasons.add(provider.name() + ": " + availability.reason());
      }
    }
    throw new EngineUnavailableException(
        "no engine '%s' for %s; %s"
            .formatted(name, device, reasons.isEmpty() ? "none on the class path" : reasons));
  }

  private static EngineProvider named(String type) {
    try {
      return Class.forName(type)
          .asSubclass(EngineProvider.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException | ClassCastException e) {
      throw new EngineUnavailableException("no engine '%s': %s".formatted(type, e));
    }
  }

  /** What was found, or why an engine cannot compute on a device and what to use instead. */
  record Availability(boolean usable, String reason) {}

  /** No engine can compute where the configuration wants it, and why, in full. */
  static final class EngineUnavailableException extends RuntimeException {
    public EngineUnavailableException(String message) {
      super(message);
    }
  }
}
