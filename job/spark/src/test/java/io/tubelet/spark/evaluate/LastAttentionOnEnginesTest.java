package io.tubelet.spark.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.evaluate.LastAttention;
import io.tubelet.masking.Mask;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.model.Transformer;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LastAttentionOnEnginesTest {
  private static final ClipGeometry GEOMETRY = new ClipGeometry(4, 8, 12, 2, 4);
  private static final ModelSpec MODEL = ModelSize.TINY.pretraining(GEOMETRY);
  private static final int DIM = MODEL.encoder().dim();
  private static final String LAST = "videomae.encoder.layer.1";

  /** As drawn, with queries that know what they want and a norm that is not the identity. */
  private static Parameters weights() {
    Parameters weights = Parameters.draw(ParameterLayout.of(MODEL), 1);
    float[] query = weights.get(LAST + ".attention.attention.query.weight");
    float[] norm = weights.get(LAST + ".layernorm_before.weight");
    for (int i = 0; i < query.length; i++) {
      query[i] *= 20;
      norm[i % DIM] = 1 + i % DIM / 100f;
    }
    return weights;
  }

  private static float[] encode(String engine, Parameters weights) {
    byte[] bytes = new byte[GEOMETRY.clipBytes()];
    SampleSeed.of(1, 0, "pixels").nextBytes(bytes);
    CubeBatch whole =
        CubeBatch.cut(
            GEOMETRY,
            List.of(new Frames(4, 8, 12, bytes)),
            List.of(Mask.none(GEOMETRY.tokens())),
            new float[0],
            List.of("clip"));
    ModelSpec model = weights.layout().model();
    Training training = new Training(model, new Optimizer.Sgd(), LearningRate.constant(0));
    try (Engine opened =
        EngineProvider.find(engine, Device.CPU).open(training, Placement.ONE_THREAD)) {
      opened.load(TrainState.start(weights));
      return opened.encode(whole);
    }
  }

  private static float[] received(String engine) {
    Parameters weights = weights();
    return LastAttention.received(weights, encode(engine, LastAttention.probe(weights)));
  }

  @Test
  void isTheSameOnBoth() {
    float[] attention = received("nd4j");
    assertThat(attention).hasSize(GEOMETRY.tokens());
    assertThat(received("torch")).containsExactly(attention, within(1e-5f));
    double sum = 0;
    for (float share : attention) {
      sum += share;
    }
    assertThat(sum).isCloseTo(1, within(1e-5));
    float even = 1f / GEOMETRY.tokens();
    Arrays.sort(attention);
    assertThat(attention[attention.length - 1]).isGreaterThan(1.5f * even);
  }

  /** A classifier without the last block ends where that block begins, before its norm. */
  @ParameterizedTest
  @ValueSource(strings = {"nd4j", "torch"})
  void startsFromTheLastBlocksNormedInput(String engine) {
    Parameters weights = weights();
    Transformer size = MODEL.encoder();
    Transformer shorter = new Transformer(DIM, size.depth() - 1, size.heads(), size.mlpRatio());
    ModelSpec classifier = new ModelSpec(GEOMETRY, shorter, MODEL.classifier(2).task());
    Parameters start = Parameters.draw(ParameterLayout.of(classifier), 1);
    for (Parameter p : start.layout().parameters()) {
      if (weights.layout().has(p.name())) {
        System.arraycopy(weights.get(p.name()), 0, start.get(p.name()), 0, p.size());
      }
    }
    float[] input = encode(engine, start);
    float[] norm = weights.get(LAST + ".layernorm_before.weight");
    for (int from = 0; from < input.length; from += DIM) {
      double mean = 0;
      double square = 0;
      for (int i = from; i < from + DIM; i++) {
        mean += (double) input[i] / DIM;
        square += (double) input[i] * input[i] / DIM;
      }
      double deviation = Math.sqrt(square - mean * mean + ModelSpec.LAYER_NORM_EPSILON);
      for (int i = from; i < from + DIM; i++) {
        input[i] = (float) ((input[i] - mean) / deviation * norm[i - from]);
      }
    }
    assertThat(encode(engine, LastAttention.probe(weights))).containsExactly(input, within(1e-4f));
  }
}
