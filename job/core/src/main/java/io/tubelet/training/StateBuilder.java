package io.tubelet.training;

/**
 * Makes a state from its tensors as they are read.
 *
 * @param <T> the state
 */
public interface StateBuilder<T> {
  /**
   * Takes the i-th tensor of a part. The array is the builder's from now on.
   *
   * @throws IllegalArgumentException if the builder depends on an order and this is not the next
   */
  void add(StatePart part, int index, float[] values);

  /** The state, once all its tensors were added. */
  T build(long step);

  /** Gives up what was added. */
  void discard();
}
