package io.tubelet.weights;

import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.model.Transformer;
import io.tubelet.weights.Safetensors.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Loads the tensors that a file and a network have in common, under Hugging Face's names of any
 * version or the official ones. Takes a file's tensors one by one, so that no more than one of them
 * besides the network is in memory. The encoder must be whole and have no more blocks than the
 * network's; a decoder or a classifier is there as a whole or initialised as a whole.
 */
public final class WeightImport {
  private static final String ENCODER = "videomae.e"; // embeddings and encoder
  private static final String BLOCK = "videomae.encoder.layer.";
  private static final String FUSED = ".attention.attention.qkv.weight"; // [3 · dim, dim]
  private static final String HEAD = "classifier.";
  private static final String PATCHES = "videomae.embeddings.patch_embeddings.projection.";
  private static final String POSITIONS =
      "(encoder\\.|videomae\\.embeddings\\.)?(pos_embed\\w*|position_embeddings)";

  private static final int MOST_NAMED = 8;

  /** Half precision rounds a position by less. */
  private static final float NEAR = 1e-3f;

  /**
   * Official names as regular expressions, Hugging Face's words for them, and what 5.x of its
   * library calls two biases; later rows see what earlier ones made. Values need no transposing:
   * weights are {@code [out, in]} everywhere.
   */
  private static final String[][] NAMES = {
    {"^((module|model|backbone)\\.)+", ""},
    {"^vit\\.", "videomae."}, // for pictures
    {"^(embeddings|encoder\\.layer|layernorm)\\.", "videomae.$1."}, // an encoder saved alone
    {"^(encoder\\.)?patch_embed\\.proj\\.", PATCHES},
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
  private final boolean keepsHead;
  private final boolean pictures;
  private final float[][] values; // null: not in the file; of no length: not usable
  private final List<Line> lines = new ArrayList<>();

  private enum Fate {
    LOADED,
    /** Of the network: first values are drawn. */
    INITIALISED,
    /** Of the file: the network lacks it, or computes it. */
    PASSED_OVER;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /** A tensor, by the file's name or else the network's; in the way if it changes the function. */
  private record Line(String key, Fate fate, String why, boolean inTheWay) {
    @Override
    public String toString() {
      return "%-11s %s%s".formatted(fate, key, why.isEmpty() ? "" : ": " + why);
    }
  }

  /**
   * Loads a classifier of the network's shape only if the head is kept.
   *
   * @param pictures whether it is a ViT or a ViT-MAE: its encoder alone is taken, without class
   *     token and positions, and its patches are inflated to tubelets
   */
  public WeightImport(ParameterLayout layout, boolean keepsHead, boolean pictures) {
    this.layout = layout;
    this.keepsHead = keepsHead;
    this.pictures = pictures;
    this.values = new float[layout.parameters().size()][];
  }

  /** Whether tensors of these shapes are a network's for pictures: its patches have no frames. */
  public static boolean ofPictures(Map<String, List<Integer>> shapes) {
    return shapes.entrySet().stream()
        .anyMatch(e -> names(e.getKey()).contains(PATCHES + "weight") && e.getValue().size() == 4);
  }

  /** Takes one tensor; fails if it is there twice with unequal values, or some are not finite. */
  public void accept(String key, Tensor tensor) {
    List<String> names = names(key);
    for (int part = 0; part < names.size(); part++) {
      String name = names.get(part);
      if (pictures && name.equals(PATCHES + "weight")) {
        load(key, name, 0, 1, inflated(tensor));
      } else if (layout.has(name) && (!pictures || name.startsWith("videomae."))) {
        load(key, name, part, names.size(), tensor);
      } else if (name.matches(POSITIONS)) {
        boolean learned = !isSinusoid(tensor);
        String why = learned ? "learned, where this network computes the sinusoid" : "the sinusoid";
        lines.add(new Line(key, Fate.PASSED_OVER, why, learned && !pictures));
      } else {
        String first = name.replaceFirst("\\.(\\d+)\\..*", ".$1.layernorm_before.weight");
        boolean surplus = name.startsWith(BLOCK) && !layout.has(first);
        String dropped = name.endsWith(".key.bias") ? "the softmax over keys cancels it" : "";
        String why = surplus ? "the network has fewer blocks" : dropped;
        lines.add(new Line(key, Fate.PASSED_OVER, why, surplus));
      }
    }
  }

  /**
   * A kernel {@code [dim, channel, row, column]} once for each frame of a tubelet, divided by their
   * number, so that a clip that stands still has the embedding of its picture.
   */
  private Tensor inflated(Tensor kernel) {
    int frames = layout.model().geometry().tubelet();
    List<Integer> shape = new ArrayList<>(kernel.shape());
    shape.add(2, frames);
    float[] one = kernel.floats();
    int plane = shape.get(3) * shape.get(4);
    ByteBuffer all = ByteBuffer.allocate(Float.BYTES * frames * one.length);
    all.order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < frames * one.length; i++) {
      all.putFloat(one[i / (frames * plane) * plane + i % plane] / frames);
    }
    return new Tensor("F32", shape, all);
  }

  private static boolean isSinusoid(Tensor tensor) {
    float[] found = tensor.floats();
    int dim = tensor.shape().get(tensor.shape().size() - 1);
    float[] table = Transformer.positions(found.length / dim, dim);
    return IntStream.range(0, found.length).allMatch(i -> Math.abs(found[i] - table[i]) < NEAR);
  }

  /**
   * Hugging Face's names of the tensors that lie in a file's tensor, each an equal share of its
   * rows; a name that is no official one stays as it is.
   */
  public static List<String> names(String key) {
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
    boolean head = name.startsWith(HEAD);
    if (!shape.equals(own.shape()) || (head && !keepsHead)) {
      String why =
          shape.equals(own.shape())
              ? "of other labels"
              : "has %s, the network %s".formatted(shape, own.shape());
      lines.add(new Line(key, Fate.INITIALISED, why, !head));
      values[index] = new float[0];
      return;
    }
    int from = share * own.size();
    float[] part = Arrays.copyOfRange(tensor.floats(), from, from + own.size());
    for (float value : part) {
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException(key + " has values that are not finite");
      }
    }
    if (values[index] == null) {
      lines.add(new Line(key, Fate.LOADED, name.equals(key) ? "" : "as " + name, false));
    } else if (!Arrays.equals(values[index], part)) {
      throw new IllegalArgumentException(name + " is there twice with unequal values");
    }
    values[index] = part;
  }

  /** What became of every tensor; those first that are in the way, those last that are unused. */
  private List<Line> all() {
    Stream<Line> missing =
        IntStream.range(0, values.length)
            .filter(i -> values[i] == null)
            .mapToObj(i -> layout.parameters().get(i).name())
            .map(name -> new Line(name, Fate.INITIALISED, "not in the file", isWanted(name)));
    return Stream.concat(lines.stream(), missing)
        .sorted(Comparator.comparing((Line line) -> !line.inTheWay).thenComparing(Line::fate))
        .toList();
  }

  /** Whether a tensor must be in the file: the encoder's, and those of a part that is there. */
  private boolean isWanted(String name) {
    boolean head = name.startsWith(HEAD) || name.startsWith("fc_norm.");
    String part = head ? HEAD + "weight" : "decoder.head.weight";
    return name.startsWith(ENCODER)
        || (layout.has(part)
            && values[layout.index(part)] != null
            && values[layout.index(part)].length > 0);
  }

  public boolean usable() {
    return all().stream().noneMatch(Line::inTheWay);
  }

  /** Whether each tensor of the file is one of the network's, and the other way round. */
  public boolean whole() {
    return all().stream().allMatch(line -> line.fate == Fate.LOADED);
  }

  /** A line for every tensor, those first that are in the way. */
  public String text() {
    return all().stream().map(line -> line + "\n").collect(Collectors.joining());
  }

  /** Counts, and the first tensor that is in the way or else some that are initialised. */
  public String summary() {
    List<Line> all = all();
    String counts =
        Stream.of(Fate.values())
            .map(fate -> all.stream().filter(line -> line.fate == fate).count() + " " + fate)
            .collect(Collectors.joining(", "));
    if (all.get(0).inTheWay) {
      return "%s; first: %s".formatted(counts, all.get(0).toString().replaceAll(" +", " "));
    }
    List<String> drawn =
        all.stream().filter(line -> line.fate == Fate.INITIALISED).map(Line::key).toList();
    return drawn.isEmpty() || drawn.size() > MOST_NAMED
        ? counts
        : "%s; initialised: %s".formatted(counts, String.join(", ", drawn));
  }

  /** The network's weights, those that the file lacks drawn from the seed; fails unless usable. */
  public Parameters weights(long seed) {
    if (!usable()) {
      throw new IllegalStateException(summary());
    }
    Parameters drawn = Parameters.draw(layout, seed);
    float[][] all = values.clone();
    for (int i = 0; i < all.length; i++) {
      all[i] = all[i] == null || all[i].length == 0 ? drawn.get(i) : all[i];
    }
    return new Parameters(layout, all);
  }
}
