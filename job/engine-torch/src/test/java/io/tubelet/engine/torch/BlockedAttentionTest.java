package io.tubelet.engine.torch;

import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BlockedAttentionTest {
  private static final int HEADS = 3;
  private static final long DIM = 48;

  @ParameterizedTest
  @EnumSource
  void equalsLibTorchsAttentionAndItsDerivative(Products products) {
    // 700 rows: several blocks, the last one shorter
    assertEqual(products, List.of(new long[] {2, 700, 3 * DIM}));
  }

  @ParameterizedTest
  @EnumSource
  void answersForFewerQueriesThanKeys(Products products) {
    assertEqual(products, List.of(new long[] {2, 300, DIM}, new long[] {2, 700, 2 * DIM}));
  }

  private static void assertEqual(Products kind, List<long[]> shapes) {
    Natives.load();
    torch.manual_seed(1);
    Scope.run(
        () -> {
          List<Tensor> products = shapes.stream().map(torch::randn).toList();
          long queries = products.get(0).size(1);
          Tensor gradient = torch.randn(2, queries, DIM);
          try (BlockedAttention blocked = new BlockedAttention(1, kind)) {
            List<Tensor> actual = results(leaves(products), gradient, blocked::apply);
            List<Tensor> expected =
                results(
                    leaves(products), gradient, (all, heads, tape) -> Attention.fused(all, heads));
            for (int i = 0; i < actual.size(); i++) {
              Tensors.assertClose(
                  Tensors.values(actual.get(i)), Tensors.values(expected.get(i)), 2e-5);
            }
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
