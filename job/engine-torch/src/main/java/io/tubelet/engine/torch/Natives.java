package io.tubelet.engine.torch;

import io.tubelet.engine.torch.Gemm.Processor;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.OptionalType;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Loads LibTorch and the BLAS under it, once a process.
 *
 * <p>JavaCPP's OpenBLAS preset serves LibTorch and ND4J alike and can stand on MKL instead, if it
 * is told so before anything loads it. MKL is the default here: on the network's tall, narrow
 * products OpenBLAS reaches half of MKL's rate, on AMD's processors too. MKL's threads need Intel's
 * OpenMP runtime, whose symbols must be visible to the whole process before MKL is opened; the
 * OpenMP code of LibTorch and ND4J then runs on that one pool of threads as well.
 */
public final class Natives {
  /** What CUDA reads when it starts, and never again: the cards that the process sees. */
  public static final String VISIBLE_CARDS = "CUDA_VISIBLE_DEVICES";

  private static final String BLAS = "org.bytedeco.openblas.load";
  private static final String MKL = "org.bytedeco.mkl.global.mkl_rt";
  private static final String OPENMP = "/org/bytedeco/mkl/%s/libiomp5.so";

  private static boolean loaded;

  private Natives() {}

  /**
   * Chooses the BLAS for every user of JavaCPP's OpenBLAS preset in this process. To be called
   * before ND4J loads, where ND4J may load first; loading LibTorch calls it in any case. A choice
   * made by {@code -Dorg.bytedeco.openblas.load} holds.
   */
  public static synchronized void chooseBlas() {
    if (System.getProperty(BLAS) != null) {
      return;
    }
    try {
      Class<?> mkl = Class.forName(MKL, false, Natives.class.getClassLoader());
      File[] openMp = Loader.cacheResources(mkl, OPENMP.formatted(Loader.getPlatform()));
      if (openMp.length > 0) {
        Loader.loadGlobal(openMp[0].getPath());
        System.setProperty(BLAS, "mkl");
      }
    } catch (ClassNotFoundException | IOException | UnsatisfiedLinkError e) {
      // no MKL for this platform: OpenBLAS serves, and describe() says at what cost
    }
    if (!Loader.getLoadedLibraries().containsKey("jniopenblas")) {
      load(openblas.class); // ND4J finds it loaded
    }
  }

  /**
   * Loads a library while no other process does. In the cache that the processes of a machine
   * share, JavaCPP removes links to libraries and makes them anew whenever it loads.
   */
  private static synchronized void load(Class<?> library) {
    try (FileChannel cache =
        FileChannel.open(
            Loader.getCacheDir().toPath().resolve("tubelet.lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE)) {
      cache.lock();
      Loader.load(library);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack native libraries: " + e.getMessage(), e);
    }
  }

  /**
   * Loads everything, once a process.
   *
   * @throws LinkageError if LibTorch cannot be loaded here
   * @throws UncheckedIOException if it cannot be unpacked
   */
  static synchronized void load() {
    if (!loaded) {
      chooseBlas();
      load(torch.class);
      torch.set_num_interop_threads(1);
      loaded = true;
    }
  }

  /** Which LibTorch, BLAS and instruction set; loads them. */
  static String describe() {
    load();
    String blas =
        Loader.addressof("MKL_Get_Version") == null
            ? "OpenBLAS (half of MKL's speed on this network: put org.bytedeco:mkl with classifier"
                + " PLATFORM-redist on the class path, and load this engine before ND4J)"
            : Processor.HERE.isWiderThanMkl() ? "MKL, most products by oneDNN" : "MKL";
    return "LibTorch %s, BLAS %s, %s, bf16 %s"
        .formatted(
            torch.class.getPackage().getImplementationVersion(),
            blas,
            torch.get_cpu_capability().getString(),
            Processor.HERE.multipliesBf16() ? "by instructions" : "emulated (slower than fp32)");
  }

  /**
   * Hides all cards but these; from now on they are 0, 1, … in this order. Changes the process'
   * environment, which Java cannot; must come before the first use of CUDA.
   *
   * @param cards numbers in the order of the PCI bus, which is {@code nvidia-smi}'s, or UUIDs
   * @throws LinkageError if LibTorch cannot be loaded here
   */
  public static void showCards(List<String> cards) {
    load();
    torch.set_env("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
    torch.set_env(VISIBLE_CARDS, String.join(",", cards));
  }

  /** Calls {@code aten::name.overload}, an operator that JavaCPP gives no method to. */
  static IValueVector call(String name, String overload, IValue... arguments) {
    OperatorHandle operator = Dispatcher.singleton().findSchemaOrThrow("aten::" + name, overload);
    IValueVector stack = new IValueVector(arguments);
    operator.callBoxed(stack);
    return stack;
  }

  static IValue list(List<Tensor> tensors) {
    // the element type must be a shared pointer to a type; a raw one corrupts memory
    GenericList list = new GenericList(OptionalType.ofTensor().get().containedType(0));
    list.reserve(tensors.size());
    tensors.forEach(tensor -> list.push_back(new IValue(tensor)));
    return new IValue(list);
  }
}
