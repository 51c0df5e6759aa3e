package io.tubelet.engine.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Whose products of two matrices {@code a [n, k] · b [k, m]} a processor takes. */
enum Products {
  /** LibTorch's, which are its BLAS's in fp32. */
  LIBTORCH {
    @Override
    Tensor multiply(Tensor a, Tensor b, Tensor room) {
      return torch.mm_out(room, a, b);
    }

    @Override
    Tensor multiply(Tensor a, Tensor b) {
      return a.mm(b);
    }

    @Override
    void put(Tensor out, Tensor a, Tensor b) {
      torch.mm_out(out, a, b);
    }

    @Override
    void add(Tensor out, Tensor a, Tensor b) {
      out.addmm_(a, b);
    }
  },

  /** {@link OneDnn}'s. It writes to memory of its own and wants rows that lie one by one. */
  ONE_DNN {
    @Override
    Tensor multiply(Tensor a, Tensor b, Tensor room) {
      return multiply(a, b);
    }

    @Override
    Tensor multiply(Tensor a, Tensor b) {
      return product(a, b).contiguous();
    }

    @Override
    void put(Tensor out, Tensor a, Tensor b) {
      out.copy_(product(a, b));
    }

    @Override
    void add(Tensor out, Tensor a, Tensor b) {
      out.add_(product(a, b));
    }

    /** The factor that is copied into rows is the smaller one, counting the result's own way. */
    private Tensor product(Tensor a, Tensor b) {
      boolean rows = a.stride(1) == 1;
      return rows || a.numel() < b.numel() + a.size(0) * b.size(1)
          ? OneDnn.product(a, b.t(), null)
          : OneDnn.product(b.t(), a, null).t();
    }
  };

  /** {@code a · b}, in {@code room} if that spares memory. */
  abstract Tensor multiply(Tensor a, Tensor b, Tensor room);

  /** {@code a · b}, row by row in memory of its own. */
  abstract Tensor multiply(Tensor a, Tensor b);

  /** {@code out = a · b}. */
  abstract void put(Tensor out, Tensor a, Tensor b);

  /** {@code out += a · b}. */
  abstract void add(Tensor out, Tensor a, Tensor b);
}
