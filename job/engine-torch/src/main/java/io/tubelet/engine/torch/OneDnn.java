package io.tubelet.engine.torch;

import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;

/**
 * oneDNN's fp32 product. LibTorch's own layers take it for bf16 only and BLAS for fp32; on the
 * tall, narrow products of this network oneDNN is the faster of the two, and adds the bias on the
 * way. LibTorch knows no derivative for the operator.
 */
public final class OneDnn {
  private OneDnn() {}

  /** Looked up once; they belong to no scope, whichever is open then. */
  private static final class Operator {
    static final OperatorHandle PRODUCT =
        Dispatcher.singleton().findSchemaOrThrow("mkldnn::_linear_pointwise", "").retainReference();
    static final IValue NOTHING_BEHIND = new IValue("none").retainReference();
    static final IValue NO_SCALARS =
        new IValue(
                new GenericList(
                    PRODUCT.schema().arguments().getPointer(4).type().get().containedType(0)))
            .retainReference();
    static final IValue NO_ALGORITHM = new IValue("").retainReference();
    static final IValue NO_BIAS = new IValue().retainReference();

    private Operator() {}
  }

  /** Whether this build of LibTorch has it. */
  public static boolean isAvailable() {
    return Context.hasMKLDNN();
  }

  /**
   * {@code x · weightᵀ + bias}.
   *
   * @param x {@code [..., in]}
   * @param weight {@code [out, in]}; a transposed matrix is taken as it lies
   * @param bias {@code [out]}, or null
   */
  public static Tensor product(Tensor x, Tensor weight, Tensor bias) {
    IValueVector stack =
        new IValueVector(
            new IValue(x),
            new IValue(weight),
            bias == null ? Operator.NO_BIAS : new IValue(bias),
            Operator.NOTHING_BEHIND,
            Operator.NO_SCALARS,
            Operator.NO_ALGORITHM);
    Operator.PRODUCT.callBoxed(stack);
    return new Tensor(stack.get(0).toTensor()); // a reference of its own: the stack's goes with it
  }
}
