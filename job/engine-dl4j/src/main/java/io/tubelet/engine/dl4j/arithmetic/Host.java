package io.tubelet.engine.dl4j.arithmetic;

import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.concurrency.AffinityManager.Location;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** An array's memory in this process. */
public final class Host {
  private Host() {}

  /**
   * Where the buffer of an array begins; a view's offset is not in it. ND4J's backend for cards
   * keeps a second copy on the card: it is brought over if it is the newer one, and counts as old
   * from here on, since the caller may write here.
   */
  public static Pointer pointer(INDArray array) {
    AffinityManager affinity = Nd4j.getAffinityManager();
    affinity.ensureLocation(array, Location.HOST);
    affinity.tagLocation(array, Location.HOST);
    return array.data().pointer();
  }
}
