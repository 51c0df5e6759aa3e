package io.tubelet.spark.train;

import io.tubelet.engine.Engine;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.EngineProvider.Availability;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.train.Training;

/** Provides {@link TallyEngine}, to tests that ask for it by name. */
public final class TallyProvider implements EngineProvider {
  /** Its name. */
  public static final String NAME = "tally";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Availability on(Device device) {
    return new Availability(true, "counts clips");
  }

  @Override
  public String describe() {
    return "counts clips";
  }

  @Override
  public Engine open(Training training, Placement placement) {
    return new TallyEngine(training);
  }
}
