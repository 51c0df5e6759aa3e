package io.tubelet.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;

/** The engines on the class path. */
public final class Engines {
  /** The name that means: the fastest engine that fits. */
  public static final String AUTO = "auto";

  private static final List<String> PREFERENCE = List.of("torch", "nd4j");

  private Engines() {}

  /** All providers, the preferred first. */
  public static List<EngineProvider> all() {
    List<EngineProvider> providers = new ArrayList<>();
    ServiceLoader.load(EngineProvider.class, Engines.class.getClassLoader())
        .forEach(providers::add);
    providers.sort(Comparator.comparingInt(p -> rank(p.name())));
    return providers;
  }

  /**
   * The provider for a name, or for {@link #AUTO} the first that can use the device.
   *
   * @throws EngineUnavailableException naming every engine that was asked and its reason
   */
  public static EngineProvider find(String name, Device device) {
    List<String> reasons = new ArrayList<>();
    for (EngineProvider provider : all()) {
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

  private static int rank(String name) {
    int rank = PREFERENCE.indexOf(name);
    return rank < 0 ? PREFERENCE.size() : rank;
  }
}
