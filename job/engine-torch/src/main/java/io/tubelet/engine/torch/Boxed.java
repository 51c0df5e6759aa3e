package io.tubelet.engine.torch;

import java.util.List;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.OptionalType;
import org.bytedeco.pytorch.Tensor;

/** Operators of LibTorch that JavaCPP gives no method to, called by name through the dispatcher. */
final class Boxed {
  private Boxed() {}

  /**
   * Calls {@code aten::name.overload}.
   *
   * @return what the operator returns
   */
  static IValueVector call(String name, String overload, IValue... arguments) {
    OperatorHandle operator = Dispatcher.singleton().findSchemaOrThrow("aten::" + name, overload);
    IValueVector stack = new IValueVector(arguments);
    operator.callBoxed(stack);
    return stack;
  }

  /** A {@code Tensor[]}. */
  static IValue list(List<Tensor> tensors) {
    // the element type must be a shared pointer to a type; a raw one corrupts memory
    GenericList list = new GenericList(OptionalType.ofTensor().get().containedType(0));
    list.reserve(tensors.size());
    tensors.forEach(tensor -> list.push_back(new IValue(tensor)));
    return new IValue(list);
  }
}
