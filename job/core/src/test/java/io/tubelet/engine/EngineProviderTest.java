package io.tubelet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.engine.EngineProvider.Availability;
import io.tubelet.engine.Placement.Device;
import io.tubelet.engine.Placement.MicroBatches;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.train.Training;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EngineProviderTest {
  private static final Placement ANY = Placement.ONE_THREAD.in(Precision.AUTO);

  /** An engine that has instructions for some precisions, and opens nothing. */
  private record Fake(Set<Precision> precisions) implements EngineProvider {
    @Override
    public String name() {
      return "fake";
    }

    @Override
    public Availability on(Device device) {
      return new Availability(true, "");
    }

    @Override
    public Set<Precision> precisions(Device device) {
      return precisions;
    }

    @Override
    public String describe() {
      return name();
    }

    @Override
    public Engine open(Training training, Placement placement) {
      throw new UnsupportedOperationException();
    }
  }

  private static Precision settled(Placement wanted, Precision... there) {
    return new Fake(Set.of(there)).settle(wanted).precision();
  }

  @Test
  void settlesOnBf16WhereThereAreInstructionsForIt() {
    assertThat(settled(ANY, Precision.FP32, Precision.BF16)).isEqualTo(Precision.BF16);
    assertThat(settled(ANY, Precision.FP32, Precision.TF32)).isEqualTo(Precision.FP32);
    assertThat(settled(ANY, Precision.FP32)).isEqualTo(Precision.FP32);
  }

  @Test
  void leavesAPrecisionThatWasAskedFor() {
    Placement wanted = new Placement(Device.CPU, Precision.BF16, 3, new MicroBatches(4, true));
    assertThat(new Fake(Set.of(Precision.FP32)).settle(wanted)).isEqualTo(wanted);
    assertThat(settled(Placement.ONE_THREAD, Precision.FP32, Precision.BF16))
        .isEqualTo(Precision.FP32);
  }
}
