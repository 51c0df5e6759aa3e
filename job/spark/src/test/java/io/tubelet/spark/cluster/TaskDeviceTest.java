package io.tubelet.spark.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.engine.EngineProvider.EngineUnavailableException;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.spark.LocalSpark;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskDeviceTest {

  @Test
  void leavesAFixedPlacementAlone() {
    Placement fixed = new Placement(Device.cuda(3), Precision.BF16, 2);
    assertThat(TaskDevice.of(fixed)).isEqualTo(fixed);
  }

  @Test
  void inLocalModeTheFirstCardIsTheTasks() {
    Placement wanted = new Placement(Device.TASKS_CARD, Precision.FP32, 0);
    List<Placement> found =
        LocalSpark.context().parallelize(List.of(1), 1).map(one -> TaskDevice.of(wanted)).collect();
    assertThat(found).containsExactly(new Placement(Device.cuda(0), Precision.FP32, 1));
  }

  @Test
  void withoutIsolationAnAddressIsCudasNumber() {
    assertThat(TaskDevice.index("5")).isEqualTo(5);
    assertThatThrownBy(() -> TaskDevice.index("GPU-12ab"))
        .isInstanceOf(EngineUnavailableException.class)
        .hasMessageContaining("GPU-12ab");
  }
}
