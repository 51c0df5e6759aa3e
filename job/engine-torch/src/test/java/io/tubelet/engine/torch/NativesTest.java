package io.tubelet.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

/** LibTorch and ND4J in one process, each order in a JVM of its own. */
class NativesTest {
  /** Loads and uses in the order of the arguments. */
  public static void main(String[] order) {
    for (String who : order) {
      switch (who) {
        case "blas" -> Natives.chooseBlas();
        case "nd4j" ->
            System.out.println("nd4j " + Nd4j.ones(64, 64).mmul(Nd4j.ones(64, 64)).sumNumber());
        case "cards" -> {
          Natives.showCards(List.of("2", "GPU-1a"));
          for (String name : List.of("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER")) {
            System.out.println(name + "=" + torch.get_env(name).get().getString());
          }
        }
        default -> System.out.println("torch " + torchSum() + " on " + Natives.describe());
      }
    }
  }

  private static float torchSum() {
    Natives.load();
    return Scope.get(
        () -> {
          Tensor ones = torch.ones(64, 64);
          return ones.mm(ones).sum().item_float();
        });
  }

  private static String run(String... order) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-cp", System.getProperty("java.class.path")));
    command.add(NativesTest.class.getName());
    command.addAll(List.of(order));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  @Test
  void computesBesideNd4jInEitherOrder() throws Exception {
    assertThat(run("torch", "nd4j")).contains("torch 262144.0", "nd4j 262144.0", "BLAS MKL");
    assertThat(run("blas", "nd4j", "torch", "nd4j"))
        .contains("torch 262144.0", "nd4j 262144.0", "BLAS MKL");
  }

  @Test
  void saysWhatItCostsIfNd4jHasChosenOpenBlas() throws Exception {
    assertThat(run("nd4j", "torch"))
        .contains("torch 262144.0", "nd4j 262144.0", "BLAS OpenBLAS (half of MKL's speed");
  }

  @Test
  void aProviderIsMadeWithoutNatives() throws Exception {
    assertThat(new TorchEngineProvider().name()).isEqualTo("torch");
    assertThat(run()).isEmpty();
  }

  @Test
  void changesWhatNativeCodeOfThisProcessReads() throws Exception {
    assertThat(run("cards"))
        .contains("CUDA_VISIBLE_DEVICES=2,GPU-1a\n", "CUDA_DEVICE_ORDER=PCI_BUS_ID\n");
  }
}
