package io.tubelet.weights;

import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.weights.Safetensors.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Loads the tensors that a file and a network have in common, under Hugging Face's names of any
 * version or the official ones. Takes a file's tensors one by one, so that no more than one of them
 * besides the network is in memory. The encoder must be whole and have no more blocks than the
 * network's; what the file lacks of a decoder or classifier is initialised.
 */
public final class WeightImport {
  private static final String ENCODER = "videomae.e"; // embeddings and encoder
  private static final String BLOCK = "videomae.encoder.layer.";
  private static final String FUSED = ".attention.attention.qkv.weight"; // [3 · dim, dim]

  /**
   * Official names as regular expressions, Hugging Face's words for them, and what 5.x of its
   * library calls two biases; later rows see what earlier ones made. Values need no transposing:
   * weights are {@code [out, in]} everywhere.
   */
  private static final String[][] NAMES = {
    {"^((module|model|backbone)\\.)+", ""},
    {"^(encoder\\.)?patch_embed\\.proj\\.", "videomae.embeddings.patch_embeddings.projection."},
    {"^decoder\\.blocks\\.", "decoder.decoder_layers."},
    {"^(encoder\\.)?blocks\\.", BLOCK},
    {"^encoder\\.norm\\.", "videomae.layernorm."},
    {"^head\\.", "classifier."},
    {"\\.attn\\.(q_bias|v_bias|qkv\\.weight)$", ".attention.attention.$1"},
    {"\\.attn\\.proj\\.", ".attention.output.dense."},
    {"\\.norm1\\.", ".layernorm_before."},
    {"\\.norm2\\.", ".layernorm_after."},
    {"\\.mlp\\.fc1\\.", ".intermediate.dense."},
    {"\\.mlp\\.fc2\\.", ".output.dense."},
    {"\\.attention\\.query\\.bias$", ".attention.q_bias"},
    {"\\.attention\\.value\\.bias$", ".attention.v_bias"},
  };

  private final ParameterLayout layout;
  private final float[][] values;
  private final List<Line> lines = new ArrayList<>();

  private enum Fate {
    LOADED,
    /** Not in the file: first values are drawn. */
    INITIALISED,
    SHAPE_MISMATCH,
    /** Of a block that the network's encoder lacks. */
    NO_SUCH_BLOCK,
    /** Of another part that the network lacks, or needless. */
    UNUSED
  }

  /** A tensor, by the name that the file or else the network has for it. */
  private record Line(String key, Fate fate, String why) {
    boolean fatal() {
      return switch (fate) {
        case LOADED, UNUSED -> false;
        case INITIALISED -> key.startsWith(ENCODER);
        case SHAPE_MISMATCH, NO_SUCH_BLOCK -> true;
      };
    }

    int rank() {
      return fatal() ? 0 : fate == Fate.UNUSED ? 2 : 1;
    }

    @Override
    public String toString() {
      return "%-14s %s%s".formatted(fate, key, why.isEmpty() ? "" : ": " + why);
    }
  }

  public WeightImport(ParameterLayout layout) {
    this.layout = layout;
    this.values = new float[layout.parameters().size()][];
  }

  /**
   * Takes one tensor.
   *
   * @throws IllegalArgumentException if it is in the file twice with unequal values
   */
  public void accept(String key, Tensor tensor) {
    List<String> names = names(key);
    for (int part = 0; part < names.size(); part++) {
      String name = names.get(part);
      if (layout.has(name)) {
        load(key, name, part, names.size(), tensor);
      } else {
        String first = name.replaceFirst("\\.(\\d+)\\..*", ".$1.layernorm_before.weight");
        boolean surplus = name.startsWith(BLOCK) && !layout.has(first);
        lines.add(new Line(key, surplus ? Fate.NO_SUCH_BLOCK : Fate.UNUSED, ""));
      }
    }
  }

  /**
   * Hugging Face's names of the tensors that lie in a file's tensor, each an equal share of its
   * rows; a name that is no official one stays as it is.
   */
  static List<String> names(String key) {
    String name = key;
    for (String[] rule : NAMES) {
      name = name.replaceFirst(rule[0], rule[1]);
    }
    String whole = name;
    return whole.endsWith(FUSED)
        ? Stream.of("query", "key", "value").map(part -> whole.replace("qkv", part)).toList()
        : List.of(whole);
  }

  private void load(String key, String name, int share, int shares, Tensor tensor) {
    int index = layout.index(name);
    Parameter own = layout.parameters().get(index);
    List<Integer> shape = new ArrayList<>(tensor.shape());
    if (shares > 1 && shape.get(0) % shares == 0) {
      shape.set(0, shape.get(0) / shares);
    }
    if (!shape.equals(own.shape())) {
      String why = "has %s, the network %s".formatted(shape, own.shape());
      lines.add(new Line(key, Fate.SHAPE_MISMATCH, why));
      values[index] = new float[0];
      return;
    }
    int from = share * own.size();
    float[] part = Arrays.copyOfRange(tensor.floats(), from, from + own.size());
    if (values[index] == null) {
      lines.add(new Line(key, Fate.LOADED, name.equals(key) ? "" : "as " + name));
    } else if (!Arrays.equals(values[index], part)) {
      throw new IllegalArgumentException(name + " is there twice with unequal values");
    }
    values[index] = part;
  }

  /** What became of every tensor; those first that are in the way, those last that are unused. */
  private List<Line> all() {
    Stream<Line> initialised =
        IntStream.range(0, values.length)
            .filter(i -> values[i] == null)
            .mapToObj(i -> layout.parameters().get(i).name())
            .map(name -> new Line(name, Fate.INITIALISED, "not in the file"));
    return Stream.concat(lines.stream(), initialised)
        .sorted(Comparator.comparing(Line::rank))
        .toList();
  }

  public boolean usable() {
    return all().stream().noneMatch(Line::fatal);
  }

  /** A line for every tensor, those first that are in the way. */
  public String text() {
    return all().stream().map(line -> line + "\n").collect(Collectors.joining());
  }

  /** Counts, and the first tensor that is in the way, in one line. */
  public String summary() {
    List<Line> all = all();
    String counts =
        Stream.of(Fate.values())
            .map(fate -> all.stream().filter(line -> line.fate == fate).count() + " " + fate)
            .collect(Collectors.joining(", "))
            .toLowerCase(Locale.ROOT)
            .replace('_', ' ');
    return all.get(0).fatal()
        ? "%s; first: %s".formatted(counts, all.get(0).toString().replaceAll(" +", " "))
        : counts;
  }

  /**
   * The network's weights; those that the file lacks drawn from the seed.
   *
   * @throws IllegalStateException if the file cannot be used
   */
  public Parameters weights(long seed) {
    if (!usable()) {
      throw new IllegalStateException(summary());
    }
    Parameters drawn = Parameters.draw(layout, seed);
    float[][] all = values.clone();
    for (int i = 0; i < all.length; i++) {
      all[i] = all[i] == null ? drawn.get(i) : all[i];
    }
    return new Parameters(layout, all);
  }
}
