package io.tubelet.spark;

import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.engine.Engine.Gradient;

/** A made-up engine of which a test asks steps only, and which holds nothing to give back. */
public interface StepsOnly extends Engine {
  @Override
  default Gradient gradient(CubeBatch batch) {
    throw new UnsupportedOperationException();
  }

  @Override
  default StepResult update(Gradient gradient) {
    throw new UnsupportedOperationException();
  }

  @Override
  default float[] classify(CubeBatch batch) {
    throw new UnsupportedOperationException();
  }

  @Override
  default float[] reconstruct(CubeBatch batch) {
    throw new UnsupportedOperationException();
  }

  @Override
  default float[] encode(CubeBatch batch) {
    throw new UnsupportedOperationException();
  }

  @Override
  default void close() {}
}
