package io.tubelet.engine.dl4j.layer;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where a layer's arrays live. DL4J frees a workspace as a whole: after one layer's pass (working
 * memory) or after the backward pass (activations of training).
 */
record Memory(LayerWorkspaceMgr workspaces, ArrayType kind, DataType type) {

  /** What a forward pass computes on its way: kept for the backward pass if there will be one. */
  static Memory forward(LayerWorkspaceMgr workspaces, boolean training, DataType type) {
    ArrayType kind = training ? ArrayType.ACTIVATIONS : ArrayType.FF_WORKING_MEM;
    return new Memory(workspaces, kind, type);
  }

  /** Working memory of a backward pass. */
  static Memory backward(LayerWorkspaceMgr workspaces, DataType type) {
    return new Memory(workspaces, ArrayType.BP_WORKING_MEM, type);
  }

  /** A layer's output. */
  static Memory output(LayerWorkspaceMgr workspaces, DataType type) {
    return new Memory(workspaces, ArrayType.ACTIVATIONS, type);
  }

  /** The derivative by a layer's input. */
  static Memory epsilon(LayerWorkspaceMgr workspaces, DataType type) {
    return new Memory(workspaces, ArrayType.ACTIVATION_GRAD, type);
  }

  /** Row-major, values undefined. */
  INDArray create(long... shape) {
    return workspaces.createUninitialized(kind, type, shape, 'c');
  }

  /** Row-major, all zero. */
  INDArray zero(long... shape) {
    return workspaces.create(kind, type, shape, 'c');
  }

  /** Row-major copy. */
  INDArray copy(INDArray array) {
    return workspaces.dup(kind, array, 'c');
  }
}
