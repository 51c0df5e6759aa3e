package io.tubelet.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProductsTest {
  // [1 2 3; 4 5 6] · [7 8; 9 10; 11 12]
  private static final float[] PRODUCT = {58, 64, 139, 154};

  @ParameterizedTest
  @EnumSource
  void multipliesFactorsHoweverTheyLie(Products products) {
    Natives.load();
    Scope.run(
        () -> {
          for (Tensor a : lying(2, 1, 2, 3, 4, 5, 6)) {
            for (Tensor b : lying(3, 7, 8, 9, 10, 11, 12)) {
              assertMultiplied(products, a, b);
            }
          }
        });
  }

  private static void assertMultiplied(Products products, Tensor a, Tensor b) {
    Tensor alone = products.multiply(a, b);
    assertThat(alone.is_contiguous()).isTrue();
    assertThat(Tensors.values(alone)).containsExactly(PRODUCT);
    assertThat(Tensors.values(products.multiply(a, b, torch.empty(2, 2)))).containsExactly(PRODUCT);
    Tensor wide = torch.ones(2, 5);
    Tensor out = wide.narrow(1, 2, 2);
    products.put(out, a, b);
    products.add(out, a, b);
    assertThat(Tensors.values(wide)).containsExactly(1, 1, 116, 128, 1, 1, 1, 278, 308, 1);
  }

  /** Row by row, column by column, and as a part of a wider matrix. */
  private static List<Tensor> lying(long rows, float... values) {
    Tensor plain = torch.tensor(values, new TensorOptions(ScalarType.Float)).view(rows, -1);
    Tensor wide = torch.cat(new TensorVector(plain, plain), 1);
    return List.of(plain, plain.t().contiguous().t(), wide.narrow(1, 0, plain.size(1)));
  }
}
