package io.tubelet.training;

import io.tubelet.model.ParameterLayout;
import java.util.List;

/** A run's state, tensor by tensor: nobody who reads it needs all of it in memory. */
public interface StateView {
  /** Steps taken; the next step has this index. */
  long step();

  /** The network's tensors. */
  ParameterLayout layout();

  /** What the state consists of; the weights first. */
  List<StatePart> parts();

  /** The values of the i-th tensor of a part. Not to be written to. */
  float[] tensor(StatePart part, int index);
}
