package io.tubelet.training;

import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import java.util.List;

/**
 * A state as pieces of bounded size, for moving it: weights, first moments and second moments one
 * behind the other, in the layout's order, cut every {@code chunkValues} floats.
 *
 * @param layout the network's tensors
 * @param chunkValues most floats of a chunk
 */
public record StateChunks(ParameterLayout layout, int chunkValues) {
  /** 16 MiB: small beside any limit of a message, large beside its overhead. */
  public static final int DEFAULT_CHUNK_VALUES = 1 << 22;

  private static final int PARTS = 3;

  /** Number of chunks. */
  public int count() {
    return Math.toIntExact((total() + chunkValues - 1) / chunkValues);
  }

  private long total() {
    return PARTS * layout.count();
  }

  /** The values of one chunk, copied. */
  public float[] cut(TrainState state, int chunk) {
    long from = (long) chunk * chunkValues;
    float[] values = new float[(int) Math.min(chunkValues, total() - from)];
    exchange(state, from, values, false);
    return values;
  }

  /** A state of all chunks, in order. */
  public TrainState join(long step, List<float[]> chunks) {
    TrainState state = TrainState.start(Parameters.zero(layout));
    long from = 0;
    for (float[] chunk : chunks) {
      exchange(state, from, chunk, true);
      from += chunk.length;
    }
    if (from != total()) {
      throw new IllegalArgumentException(
          "chunks hold %d values, the state has %d".formatted(from, total()));
    }
    return new TrainState(step, state.weights(), state.firstMoment(), state.secondMoment());
  }

  /** Copies between the flat range that starts at {@code from} and a chunk, either way. */
  private void exchange(TrainState state, long from, float[] chunk, boolean intoState) {
    long tensorStart = 0;
    for (Parameters part : List.of(state.weights(), state.firstMoment(), state.secondMoment())) {
      for (int i = 0; i < layout.parameters().size(); i++) {
        float[] tensor = part.get(i);
        long start = Math.max(from, tensorStart);
        long end = Math.min(from + chunk.length, tensorStart + tensor.length);
        if (start < end) {
          int inTensor = (int) (start - tensorStart);
          int inChunk = (int) (start - from);
          int length = (int) (end - start);
          if (intoState) {
            System.arraycopy(chunk, inChunk, tensor, inTensor, length);
          } else {
            System.arraycopy(tensor, inTensor, chunk, inChunk, length);
          }
        }
        tensorStart += tensor.length;
      }
    }
  }
}
