package io.tubelet.engine.torch;

import io.tubelet.engine.Placement;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttentionTest {
  private static final int HEADS = 3;
  private static final long DIM = 48;

  @BeforeAll
  static void load() {
    Natives.load();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void equalsLibTorchsAttentionAndItsDerivative(boolean oneDnn) {
    // 700 rows: several blocks, the last one shorter
    assertEqual(oneDnn, true, List.of(new long[] {2, 700, 3 * DIM}));
    assertEqual(oneDnn, false, List.of(new long[] {2, 700, 3 * DIM}));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void answersForFewerQueriesThanKeys(boolean oneDnn) {
    assertEqual(oneDnn, true, List.of(new long[] {2, 300, DIM}, new long[] {2, 700, 2 * DIM}));
  }

  @Test
  void takesAllHeadsTogether() {
    assertEqual(
        (all, heads, tape) -> Attention.batched(all, heads),
        List.of(new long[] {2, 30, DIM}, new long[] {2, 70, 2 * DIM}));
  }

  private static void assertEqual(boolean oneDnn, boolean keeps, List<long[]> shapes) {
    Gemm gemm = new Gemm(ScalarType.Float, true, oneDnn);
    assertEqual(new Attention(new TorchDevice(Placement.ONE_THREAD, gemm), keeps)::blocked, shapes);
  }

  private static void assertEqual(Attending attending, List<long[]> shapes) {
    torch.manual_seed(1);
    Scope.run(
        () -> {
          List<Tensor> products = shapes.stream().map(torch::randn).toList();
          long queries = products.get(0).size(1);
          Tensor gradient = torch.randn(2, queries, DIM);
          List<Tensor> actual = results(leaves(products), gradient, attending);
          List<Tensor> expected =
              results(
                  leaves(products), gradient, (all, heads, tape) -> Attention.fused(all, heads));
          for (int i = 0; i < actual.size(); i++) {
            Tensors.assertClose(
                Tensors.values(actual.get(i)), Tensors.values(expected.get(i)), 2e-5);
          }
        });
  }

  private static List<Tensor> leaves(List<Tensor> products) {
    return products.stream().map(Tensor::clone).peek(leaf -> leaf.set_requires_grad(true)).toList();
  }

  private interface Attending {
    Tensor apply(List<Tensor> products, int heads, Tape tape);
  }

  /** The output, then the gradient by each product. */
  private static List<Tensor> results(List<Tensor> leaves, Tensor gradient, Attending attention) {
    try (Tape tape = Tape.recording(false)) {
      Tensor out = attention.apply(leaves, HEADS, tape);
      Tensor value = out.detach().clone();
      Tape.backward(out, gradient);
      tape.backward();
      return Stream.concat(Stream.of(value), leaves.stream().map(Tensor::grad)).toList();
    }
  }
}
