package io.tubelet.spark.cluster;

import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.engine.Engine.StepResult;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.EngineProvider.Availability;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.spark.StepsOnly;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.bytedeco.pytorch.StringOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Computes nothing, and says where it was told to: as a file in the folder {@code
 * TUBELET_RECORDINGS}, if there is one.
 */
final class RecordingEngine implements StepsOnly {
  static final String FOLDER = "TUBELET_RECORDINGS";
  static final String CLAIM = "TUBELET_CLAIMED_CARDS";

  private final Training training;
  private final Placement placement;
  private TrainState state;

  RecordingEngine(Training training, Placement placement) {
    this.training = training;
    this.placement = placement;
    String folder = System.getenv(FOLDER);
    if (folder != null) {
      try {
        Files.writeString(Path.of(folder, UUID.randomUUID().toString()), where());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Device, threads, and the cards that CUDA would see. */
  String where() {
    StringOptional visible = torch.get_env("CUDA_VISIBLE_DEVICES");
    return "%s of %s, %d threads"
        .formatted(
            placement.device(),
            visible.has_value() ? visible.get().getString() : "all",
            placement.threads());
  }

  @Override
  public Training training() {
    return training;
  }

  @Override
  public void load(TrainState state) {
    this.state = state;
  }

  @Override
  public TrainState state() {
    return state;
  }

  @Override
  public StepResult step(CubeBatch batch) {
    return new StepResult(1, 1, 0);
  }

  /** Claims cards that are not there, as many as {@link #CLAIM} says; none without it. */
  public static final class Provider implements EngineProvider {
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
}
