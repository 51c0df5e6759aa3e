package io.tubelet.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.model.Parameter;
import io.tubelet.model.Parameters;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Comparisons that name what differs. */
final class Tensors {
  private Tensors() {}

  static float[] values(Tensor tensor) {
    float[] values = new float[(int) tensor.numel()];
    tensor.contiguous().data_ptr_float().get(values);
    return values;
  }

  /** Every value within {@code most}. */
  static void assertClose(float[] actual, float[] expected, double most) {
    assertThat(actual).hasSameSizeAs(expected);
    double worst = 0;
    for (int i = 0; i < actual.length; i++) {
      double difference = Math.abs(actual[i] - expected[i]);
      worst = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(worst, difference);
    }
    assertThat(worst).as("largest difference").isLessThan(most);
  }

  /** Every tensor within {@code most} of its own norm. */
  static void assertRelativelyClose(Parameters actual, Parameters expected, double most) {
    List<Parameter> parameters = expected.layout().parameters();
    for (int i = 0; i < parameters.size(); i++) {
      double distance = distance(actual.get(i), expected.get(i));
      double norm = distance(expected.get(i), new float[expected.get(i).length]);
      assertThat(distance).as(parameters.get(i).name()).isLessThanOrEqualTo(most * norm);
    }
  }

  private static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (double) (a[i] - b[i]);
    }
    return Math.sqrt(sum);
  }
}
