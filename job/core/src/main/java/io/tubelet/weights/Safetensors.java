package io.tubelet.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The safetensors format, streamed: files may be larger than 2 GB, one tensor may not.
 *
 * <pre>
 * 8 bytes   length N of the header, little-endian
 * N bytes   JSON: {"__metadata__": {text: text}, name: {"dtype", "shape", "data_offsets": [from, to]}}
 * rest      the tensors' bytes, little-endian, row-major, without gaps
 * </pre>
 */
public final class Safetensors {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String METADATA = "__metadata__";
  // the reference implementation's own limit
  private static final long LONGEST_HEADER = 100_000_000;
  private static final int CHUNK_VALUES = 1 << 18;
  private static final long LFS_POINTER = 0x76657273696F6E20L; // "version "

  private Safetensors() {}

  /** One fp32 tensor to write; its values are asked for when it is its turn. */
  public record Entry(String name, List<Integer> shape, Supplier<float[]> values) {
    private long size() {
      return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    }
  }

  @FunctionalInterface
  public interface Visitor {
    void visit(String name, Tensor tensor) throws IOException;
  }

  private record Place(String name, String dtype, List<Integer> shape, long from, long to) {
    static Place of(String name, JsonNode node) {
      List<Integer> shape = new ArrayList<>();
      node.path("shape").forEach(size -> shape.add(size.asInt()));
      JsonNode ends = node.path("data_offsets");
      long from = ends.path(0).asLong();
      return new Place(name, node.path("dtype").asText(), shape, from, ends.path(1).asLong());
    }
  }

  /**
   * Reads a file to its end, one tensor at a time in the order of their bytes.
   *
   * @return the header's free texts
   * @throws IOException if it is cut short or its header contradicts itself
   */
  public static Map<String, String> read(InputStream in, Visitor visitor) throws IOException {
    DataInputStream data = new DataInputStream(in);
    Map<String, String> metadata = new LinkedHashMap<>();
    long at = 0;
    for (Place place : header(data, metadata)) {
      long size = place.to - place.from;
      if (place.from != at || size < 0 || size > Integer.MAX_VALUE - 8) {
        throw new IOException(
            "tensor %s lies at %d to %d, expected it at %d"
                .formatted(place.name, place.from, place.to, at));
      }
      byte[] bytes = exactly(data, (int) size, place.name);
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      visitor.visit(place.name, new Tensor(place.dtype, place.shape, buffer));
      at = place.to;
    }
    return metadata;
  }

  /** The shapes of a file's tensors by name, without their values. */
  public static Map<String, List<Integer>> shapes(InputStream in) throws IOException {
    return header(new DataInputStream(in), new LinkedHashMap<>()).stream()
        .collect(Collectors.toMap(Place::name, Place::shape));
  }

  /** The tensors in the order of their bytes. */
  private static List<Place> header(DataInputStream data, Map<String, String> metadata)
      throws IOException {
    long first = data.readLong();
    if (first == LFS_POINTER) {
      throw new IOException("a Git LFS pointer in place of the file: fetch it by git lfs pull");
    }
    long length = Long.reverseBytes(first);
    if (length < 2 || length > LONGEST_HEADER) {
      throw new IOException("not a safetensors file: header of %d bytes".formatted(length));
    }
    List<Place> places = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field :
        JSON.readTree(exactly(data, (int) length, "header")).properties()) {
      if (field.getKey().equals(METADATA)) {
        field.getValue().properties().forEach(e -> metadata.put(e.getKey(), e.getValue().asText()));
      } else {
        places.add(Place.of(field.getKey(), field.getValue()));
      }
    }
    places.sort(Comparator.comparingLong(Place::from));
    return places;
  }

  private static byte[] exactly(DataInputStream data, int size, String what) throws IOException {
    byte[] bytes = data.readNBytes(size);
    if (bytes.length != size) {
      throw new EOFException("file ends in %s: %d of %d bytes".formatted(what, bytes.length, size));
    }
    return bytes;
  }

  /** Writes fp32 tensors; {@code format = pt} is added to the metadata, as Hugging Face wants. */
  public static void write(OutputStream out, Map<String, String> metadata, List<Entry> entries)
      throws IOException {
    byte[] header = header(metadata, entries);
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.write(length.putLong(header.length).array());
    out.write(header);
    ByteBuffer chunk =
        ByteBuffer.allocate(CHUNK_VALUES * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (Entry entry : entries) {
      float[] values = entry.values.get();
      for (int from = 0; from < values.length; from += CHUNK_VALUES) {
        int size = Math.min(CHUNK_VALUES, values.length - from);
        chunk.asFloatBuffer().put(values, from, size);
        out.write(chunk.array(), 0, size * Float.BYTES);
      }
    }
  }

  private static byte[] header(Map<String, String> metadata, List<Entry> entries)
      throws IOException {
    ObjectNode header = JSON.createObjectNode();
    ObjectNode texts = header.putObject(METADATA).put("format", "pt");
    metadata.forEach(texts::put);
    long at = 0;
    for (Entry entry : entries) {
      ObjectNode node = header.putObject(entry.name).put("dtype", "F32");
      entry.shape.forEach(node.putArray("shape")::add);
      long end = at + entry.size() * Float.BYTES;
      node.putArray("data_offsets").add(at).add(end);
      at = end;
    }
    byte[] json = JSON.writeValueAsBytes(header);
    // data starts at a multiple of 8, padded with spaces, so that a reader may map it
    byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }

  /**
   * One tensor of a safetensors file.
   *
   * @param dtype {@code F32}, {@code F64}, {@code U8}, {@code I32}, …
   * @param data its bytes, little-endian, row-major, position 0 to limit
   */
  public record Tensor(String dtype, List<Integer> shape, ByteBuffer data) {

    /**
     * The values; {@code F64} rounded, {@code F16} and {@code BF16} widened; fails for another
     * type.
     */
    public float[] floats() {
      ByteBuffer bytes = data.duplicate().order(ByteOrder.LITTLE_ENDIAN).rewind();
      return switch (dtype) {
        case "F32" -> each(bytes, Float.BYTES, bytes::getFloat);
        case "F64" -> each(bytes, Double.BYTES, at -> (float) bytes.getDouble(at));
        case "F16" -> each(bytes, Short.BYTES, at -> half(bytes.getShort(at)));
        case "BF16" ->
            each(bytes, Short.BYTES, at -> Float.intBitsToFloat(bytes.getShort(at) << Short.SIZE));
        default -> throw new IllegalArgumentException("not a float tensor: " + dtype);
      };
    }

    private interface Reading {
      float at(int offset);
    }

    private static float[] each(ByteBuffer bytes, int width, Reading reading) {
      float[] values = new float[bytes.limit() / width];
      for (int i = 0; i < values.length; i++) {
        values[i] = reading.at(i * width);
      }
      return values;
    }

    /** IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
    private static float half(short bits) {
      int size = (bits & 0x7FFF) << 13; // the fraction is where a float's is
      float value =
          size >= 0x1F << 23 // the largest exponent: infinite or not a number
              ? Float.intBitsToFloat(size | 0xFF << 23)
              : Float.intBitsToFloat(size) * 0x1p112f;
      return bits < 0 ? -value : value;
    }
  }
}
