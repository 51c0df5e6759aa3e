package io.tubelet.engine.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.EngineProvider.EngineUnavailableException;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.engine.Placement.MicroBatches;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Task;
import io.tubelet.train.Training;
import org.junit.jupiter.api.Test;

class Nd4jEngineProviderTest {
  private static final Training TRAINING = Tiny.training(Tiny.classifier(), Tiny.ADAM_W);
  private final EngineProvider provider = new Nd4jEngineProvider();

  @Test
  void isFoundByName() {
    assertThat(EngineProvider.find("nd4j", Device.CPU)).isInstanceOf(Nd4jEngineProvider.class);
    assertThat(EngineProvider.find(EngineProvider.AUTO, Device.CPU).name()).isEqualTo("nd4j");
  }

  @Test
  void saysWhatItComputesWith() {
    assertThat(provider.describe()).contains("1.0.0-M2.1", "CpuBackend", "BLAS");
    assertThat(provider.on(Device.CPU).usable()).isTrue();
  }

  @Test
  void saysWhyItHasNoGpu() {
    assertThat(provider.on(Device.cuda(0)).usable()).isFalse();
    assertThat(provider.on(Device.cuda(0)).reason()).contains("nd4j-cuda-11.6", "3.7 to 8.9");
    assertThatThrownBy(() -> EngineProvider.find("nd4j", Device.cuda(0)))
        .isInstanceOf(EngineUnavailableException.class)
        .hasMessageContaining("class path");
  }

  @Test
  void takesNoPassesThatItDoesNotHave() {
    for (MicroBatches microBatches :
        new MicroBatches[] {new MicroBatches(4, false), new MicroBatches(0, true)}) {
      Placement placement = new Placement(Device.CPU, Precision.FP32, 1, microBatches);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> provider.open(TRAINING, placement))
          .withMessageContaining("engine.name = torch");
    }
  }

  @Test
  void computesInFp32Only() {
    for (Precision precision : new Precision[] {Precision.BF16, Precision.TF32}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> provider.open(TRAINING, new Placement(Device.CPU, precision, 1)))
          .withMessageContaining(precision.name());
    }
  }

  @Test
  void refusesToDetect() {
    Training training = Tiny.training(Tiny.classifier().detector(3), Tiny.ADAM_W);
    assertThatThrownBy(() -> new Nd4jEngineProvider().open(training, Placement.ONE_THREAD))
        .hasMessage("engine nd4j detects nothing; set engine.name = torch");
  }

  @Test
  void refusesMocoV3() {
    ModelSpec tiny = Tiny.classifier();
    ModelSpec model = new ModelSpec(tiny.geometry(), tiny.encoder(), new Task.Contrastive(16, 8));
    Training training = Tiny.training(model, Tiny.ADAM_W);
    assertThatThrownBy(() -> new Nd4jEngineProvider().open(training, Placement.ONE_THREAD))
        .hasMessage("engine nd4j has no MoCo v3; set engine.name = torch");
  }
}
