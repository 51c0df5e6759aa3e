package io.tubelet.engine.dl4j.arithmetic;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The values of a contiguous fp32 or fp64 array, copied in blocks to {@code double} and back.
 *
 * <p>ND4J's own loops for exp, erf, softmax and norms run at about 1 GB/s, one library call per
 * value. A block of doubles that lies in the first-level cache is worked on by plain Java loops,
 * which the JIT compiler turns into vector code: from 1.5 times (softmax) to 10 times (derivative
 * of layer norm) as fast, the same code for both types, and sums in double.
 *
 * <p>An object is used by one thread. It points into the array's memory and must not outlive it.
 */
public final class Values {
  /** Values of a block: several such blocks fit the first-level cache. */
  static final int BLOCK = 1024;

  /** Values under one buffer, whose size in bytes is an {@code int}. */
  private static final long WINDOW = 1L << 27;

  private final long window;
  private final Pointer pointer;
  private final boolean single;
  private final long first;
  private final long length;
  private long from;
  private long to;
  private FloatBuffer floats;
  private DoubleBuffer doubles;
  private float[] narrow = new float[BLOCK];

  private Values(INDArray array, long window) {
    this.window = window;
    pointer = Host.pointer(array);
    single = array.dataType() == DataType.FLOAT;
    first = array.offset(); // a view's pointer is that of the whole buffer
    length = array.length();
  }

  /**
   * The values of an array in row-major order.
   *
   * @throws IllegalArgumentException if the array is not contiguous, or neither fp32 nor fp64
   */
  public static Values of(INDArray array) {
    return of(array, WINDOW);
  }

  static Values of(INDArray array, long window) {
    if (array.dataType() != DataType.FLOAT && array.dataType() != DataType.DOUBLE) {
      throw new IllegalArgumentException("expected fp32 or fp64, found " + array.dataType());
    }
    return new Values(requireContiguous(array), window);
  }

  private static INDArray requireContiguous(INDArray array) {
    long expected = 1;
    for (int axis = array.rank() - 1; axis >= 0; axis--) {
      if (array.size(axis) != 1 && array.stride(axis) != expected) {
        throw new IllegalArgumentException(
            "expected a contiguous row-major array, found shape %s with strides %s"
                .formatted(Arrays.toString(array.shape()), Arrays.toString(array.stride())));
      }
      expected *= array.size(axis);
    }
    return array;
  }

  /** Number of values. */
  long length() {
    return length;
  }

  /** Brings values {@code at … at + count} under the buffer; returns the index of the first. */
  private int reach(long at, int count) {
    if (at < from || at + count > to) {
      from = at;
      to = Math.min(length, at + Math.max(count, window));
      if (single) {
        floats = new FloatPointer(pointer).position(first + from).limit(first + to).asBuffer();
      } else {
        doubles = new DoublePointer(pointer).position(first + from).limit(first + to).asBuffer();
      }
    }
    return (int) (at - from);
  }

  /** Copies values {@code at … at + count} to the start of {@code values}. */
  void read(long at, double[] values, int count) {
    int index = reach(at, count);
    if (!single) {
      doubles.get(index, values, 0, count);
      return;
    }
    float[] block = narrow(count);
    floats.get(index, block, 0, count);
    for (int i = 0; i < count; i++) {
      values[i] = block[i];
    }
  }

  /** Copies the start of {@code values} to values {@code at … at + count}. */
  void write(long at, double[] values, int count) {
    int index = reach(at, count);
    if (!single) {
      doubles.put(index, values, 0, count);
      return;
    }
    float[] block = narrow(count);
    for (int i = 0; i < count; i++) {
      block[i] = (float) values[i];
    }
    floats.put(index, block, 0, count);
  }

  private float[] narrow(int count) {
    if (narrow.length < count) {
      narrow = new float[count];
    }
    return narrow;
  }

  /** All values of a small array. */
  double[] all() {
    double[] values = new double[Math.toIntExact(length)];
    read(0, values, values.length);
    return values;
  }

  /** Copies values {@code at … at + values.length}; fp64 is rounded. */
  public void read(long at, float[] values) {
    double[] block = new double[BLOCK];
    for (int done = 0; done < values.length; done += BLOCK) {
      int count = Math.min(BLOCK, values.length - done);
      read(at + done, block, count);
      for (int i = 0; i < count; i++) {
        values[done + i] = (float) block[i];
      }
    }
  }

  /** Copies {@code values} to values {@code at … at + values.length}. */
  public void write(long at, float[] values) {
    double[] block = new double[BLOCK];
    for (int done = 0; done < values.length; done += BLOCK) {
      int count = Math.min(BLOCK, values.length - done);
      for (int i = 0; i < count; i++) {
        block[i] = values[done + i];
      }
      write(at + done, block, count);
    }
  }

  /** Where the bytes of a contiguous uint8 array begin. */
  static BytePointer bytes(INDArray array) {
    BytePointer pointer = new BytePointer(Host.pointer(requireContiguous(array)));
    return pointer.position(array.offset());
  }

  /** The values of a contiguous int32 array. */
  static int[] integers(INDArray array) {
    int[] values = new int[Math.toIntExact(requireContiguous(array).length())];
    new IntPointer(Host.pointer(array)).position(array.offset()).get(values);
    return values;
  }
}
