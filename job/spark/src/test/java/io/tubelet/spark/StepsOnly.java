package io.tubelet.spark;

import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import java.nio.FloatBuffer;
import java.util.List;

/** A made-up engine of which a test asks steps only, and which holds nothing to give back. */
public interface StepsOnly extends Engine {
  @Override
  default double gradient(CubeBatch batch, List<FloatBuffer> to) {
    throw new UnsupportedOperationException();
  }

  @Override
  default StepResult update(double loss, List<FloatBuffer> gradient) {
    throw new UnsupportedOperationException();
  }

  @Override
  default float[] predict(CubeBatch batch) {
    throw new UnsupportedOperationException();
  }

  @Override
  default float[] encode(CubeBatch batch) {
    throw new UnsupportedOperationException();
  }

  @Override
  default void close() {}
}
