package io.tubelet.engine.torch;

import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.engine.Placement.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Chooses the library and the type of matrix products. LibTorch's own products are cuBLAS's on a
 * card, oneDNN's in bf16 on a processor and its BLAS's in fp32 there ({@link Natives}).
 *
 * @param type of the factors
 * @param dense whether dense layers take oneDNN's fp32 product. On the tall, narrow products of
 *     this network it is faster than a BLAS, and adds the bias on the way
 * @param others whether attention and the derivatives by weights take it too. Their factors do not
 *     lie as oneDNN wants them, so that a BLAS is as fast or faster unless it leaves half of the
 *     processor idle
 */
public record Gemm(ScalarType type, boolean dense, boolean others) {

  /** What suits a placement; LibTorch must be loaded. */
  static Gemm of(Placement placement) {
    boolean bf16 = placement.precision() == Precision.BF16;
    boolean dense = placement.device().kind() == Device.Kind.CPU && !bf16 && Context.hasMKLDNN();
    return new Gemm(
        bf16 ? ScalarType.BFloat16 : ScalarType.Float,
        dense,
        dense && Processor.HERE.isWiderThanMkl());
  }

  Tensor cast(Tensor x) {
    return x.to(type);
  }

  /** {@code a · b} of two matrices, in {@code room} if that spares memory. */
  Tensor multiply(Tensor a, Tensor b, Tensor room) {
    return others ? multiply(a, b) : torch.mm_out(room, a, b);
  }

  /** {@code a · b}, row by row in memory of its own. */
  Tensor multiply(Tensor a, Tensor b) {
    return others ? oneDnn(a, b).contiguous() : a.mm(b);
  }

  void put(Tensor out, Tensor a, Tensor b) {
    if (others) {
      out.copy_(oneDnn(a, b));
    } else {
      torch.mm_out(out, a, b);
    }
  }

  /** {@code out += a · b}. */
  void add(Tensor out, Tensor a, Tensor b) {
    if (others) {
      out.add_(oneDnn(a, b));
    } else {
      out.addmm_(a, b);
    }
  }

  /**
   * {@code a · b} by oneDNN, which wants rows that lie one by one. The factor that is copied into
   * rows is the smaller one, counting the result's own way.
   */
  private static Tensor oneDnn(Tensor a, Tensor b) {
    boolean rows = a.stride(1) == 1;
    return rows || a.numel() < b.numel() + a.size(0) * b.size(1)
        ? oneDnn(a, b.t(), null)
        : oneDnn(b.t(), a, null).t();
  }

  /**
   * {@code x · weightᵀ + bias} by oneDNN in fp32, into memory of its own. LibTorch knows no
   * derivative for the operator.
   *
   * @param x {@code [..., in]}
   * @param weight {@code [out, in]}; a transposed matrix is taken as it lies
   * @param bias {@code [out]}, or null
   */
  public static Tensor oneDnn(Tensor x, Tensor weight, Tensor bias) {
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

  /**
   * What matters here of what Linux says of the processor; without Linux, nothing is promised.
   *
   * @param multipliesBf16 whether it has instructions for products in bf16
   * @param isWiderThanMkl whether its fp32 units are twice as wide as MKL's kernels use, which are
   *     those for AVX2 on all of AMD's processors
   */
  record Processor(boolean multipliesBf16, boolean isWiderThanMkl) {
    /** AMD and Intel, Intel with tiles, ARM. */
    private static final Set<String> BF16 = Set.of("avx512_bf16", "amx_bf16", "bf16");

    /** AMD's Zen 5. Zen 4 has AVX-512 too, but takes it through units of half the width. */
    private static final int WIDE_FAMILY = 26;

    static final Processor HERE = read();

    private static Processor read() {
      try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
        return of(lines);
      } catch (IOException | UncheckedIOException e) {
        return of(Stream.of());
      }
    }

    /** That of the lines of a {@code /proc/cpuinfo}; its first core speaks for all. */
    static Processor of(Stream<String> lines) {
      Map<String, String> facts = new HashMap<>();
      lines
          .map(line -> line.split(":", 2))
          .filter(fact -> fact.length == 2)
          .forEach(fact -> facts.putIfAbsent(fact[0].strip(), fact[1].strip()));
      String names = facts.getOrDefault("flags", facts.getOrDefault("Features", ""));
      List<String> instructions = List.of(names.split("\\s+"));
      boolean wide =
          facts.getOrDefault("vendor_id", "").equals("AuthenticAMD")
              && Integer.parseInt(facts.getOrDefault("cpu family", "0")) >= WIDE_FAMILY
              && instructions.contains("avx512f");
      return new Processor(!Collections.disjoint(instructions, BF16), wide);
    }
  }
}
