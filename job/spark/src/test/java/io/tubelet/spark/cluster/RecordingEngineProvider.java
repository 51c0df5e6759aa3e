package io.tubelet.spark.cluster;

import io.tubelet.engine.Engine;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.EngineProvider.Availability;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.train.Training;

/**
 * Claims cards that are not there, as many as {@code TUBELET_CLAIMED_CARDS} says; none without it.
 */
public final class RecordingEngineProvider implements EngineProvider {
  static final String CLAIM = "TUBELET_CLAIMED_CARDS";

  @Override
  public String name() {
    return "recording";
  }

  @Override
  public Availability on(Device device) {
    int cards = Integer.parseInt(System.getenv().getOrDefault(CLAIM, "0"));
    boolean usable =
        device.kind() == Device.Kind.CUDA && 0 <= device.index() && device.index() < cards;
    return new Availability(usable, "only claims to have %d cards".formatted(cards));
  }

  @Override
  public String describe() {
    return "for tests";
  }

  @Override
  public Engine open(Training training, Placement placement) {
    return new RecordingEngine(training, placement);
  }
}
