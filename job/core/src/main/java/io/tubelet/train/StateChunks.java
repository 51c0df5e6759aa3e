package io.tubelet.train;

import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * A vector of a state as pieces of bounded size, for moving it: its parts one behind the other, in
 * the layout's order, cut every {@code chunkValues} floats.
 *
 * @param chunkValues most floats of a chunk
 */
public record StateChunks(ParameterLayout layout, int parts, int chunkValues) {
  /** 16 MiB: small against any limit of a message, large against its overhead. */
  public static final int DEFAULT_CHUNK_VALUES = 1 << 22;

  public int count() {
    return Math.toIntExact((total() + chunkValues - 1) / chunkValues);
  }

  private long total() {
    return parts * layout.count();
  }

  private int length(int chunk) {
    return (int) Math.min(chunkValues, total() - (long) chunk * chunkValues);
  }

  /** The values of one chunk, copied. */
  public float[] cut(List<Parameters> vector, int chunk) {
    float[] values = new float[length(chunk)];
    long start = -(long) chunk * chunkValues; // of the next tensor, from that of the chunk
    for (Parameters part : vector) {
      for (int i = 0; i < layout.parameters().size(); i++) {
        float[] tensor = part.get(i);
        long first = Math.max(0, start);
        long end = Math.min(values.length, start + tensor.length);
        if (first < end) {
          System.arraycopy(tensor, (int) (first - start), values, (int) first, (int) (end - first));
        }
        start += tensor.length;
      }
    }
    return values;
  }

  /** The vector's parts, of chunks by their number. */
  public List<Parameters> join(IntFunction<float[]> chunks) {
    int tensors = layout.parameters().size();
    return IntStream.range(0, parts)
        .mapToObj(
            part ->
                IntStream.range(0, tensors)
                    .mapToObj(i -> tensor(part, i, chunks))
                    .toArray(float[][]::new))
        .map(values -> new Parameters(layout, values))
        .toList();
  }

  /** One tensor of one part, copied out of the chunks that it lies in. */
  public float[] tensor(int part, int index, IntFunction<float[]> chunks) {
    float[] values = new float[layout.parameters().get(index).size()];
    long from = part * layout.count();
    for (int i = 0; i < index; i++) {
      from += layout.parameters().get(i).size();
    }
    for (int done = 0; done < values.length; ) {
      int inChunk = (int) ((from + done) % chunkValues);
      float[] chunk = chunks.apply((int) ((from + done) / chunkValues));
      int length = Math.min(values.length - done, chunk.length - inChunk);
      System.arraycopy(chunk, inChunk, values, done, length);
      done += length;
    }
    return values;
  }

  /** Cuts tensors that come one after the other; each chunk is handed on as soon as it is full. */
  public final class Cutter {
    private final Consumer<float[]> full;
    private long taken;
    private float[] chunk = new float[0];

    /**
     * @param full takes each chunk, in order
     */
    public Cutter(Consumer<float[]> full) {
      this.full = full;
    }

    public void add(float[] values) {
      for (int done = 0; done < values.length; ) {
        int inChunk = (int) (taken % chunkValues);
        if (inChunk == 0) {
          chunk = new float[length((int) (taken / chunkValues))];
        }
        int length = Math.min(values.length - done, chunk.length - inChunk);
        System.arraycopy(values, done, chunk, inChunk, length);
        done += length;
        taken += length;
        if (inChunk + length == chunk.length) {
          full.accept(chunk);
        }
      }
    }

    public boolean complete() {
      return taken == total();
    }
  }
}
