package io.tubelet.weights;

import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.weights.Safetensors.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Loads the tensors that a file and a network have in common, under Hugging Face's names of any
 * version or the official ones. Takes a file's tensors one by one, so that no more than one of them
 * beside the network is in memory. The encoder must be whole; what the file lacks of a decoder or
 * classifier is initialised.
 */
public final class WeightImport {
  private static final String ENCODER = "videomae.e"; // embeddings and encoder

  private final ParameterLayout layout;
  private final float[][] values;
  private final List<Line> lines = new ArrayList<>();
  private final List<String> unused = new ArrayList<>();

  /** What became of a tensor of the network. */
  public enum Fate {
    /** From the file. */
    LOADED,
    /** Not in the file: first values are drawn. */
    INITIALISED,
    /** The file's has another shape. */
    SHAPE_MISMATCH
  }

  /** A tensor, by the name that the file or else the network has for it. */
  private record Line(String key, Fate fate, String why) {
    boolean fatal() {
      return fate == Fate.SHAPE_MISMATCH || (fate == Fate.INITIALISED && key.startsWith(ENCODER));
    }

    @Override
    public String toString() {
      return "%-14s %s%s".formatted(fate, key, why.isEmpty() ? "" : ": " + why);
    }
  }

  /** Into a network of this layout. */
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
    for (Names.Share share : Names.shares(key)) {
      String name = Names.legacy(share.name());
      if (layout.has(name)) {
        load(key, name, share, tensor);
      } else {
        unused.add(key);
      }
    }
  }

  private void load(String key, String name, Names.Share share, Tensor tensor) {
    int index = layout.index(name);
    Parameter own = layout.parameters().get(index);
    List<Integer> shape = new ArrayList<>(tensor.shape());
    if (share.parts() > 1 && shape.get(0) % share.parts() == 0) {
      shape.set(0, shape.get(0) / share.parts());
    }
    if (!shape.equals(own.shape())) {
      String why = "has %s, the network %s".formatted(shape, own.shape());
      lines.add(new Line(key, Fate.SHAPE_MISMATCH, why));
      values[index] = new float[0];
      return;
    }
    float[] all = tensor.floats();
    int from = share.part() * own.size();
    float[] part = share.parts() == 1 ? all : Arrays.copyOfRange(all, from, from + own.size());
    if (values[index] == null) {
      lines.add(new Line(key, Fate.LOADED, name.equals(key) ? "" : "as " + name));
    } else if (!Arrays.equals(values[index], part)) {
      throw new IllegalArgumentException(name + " is there twice with unequal values");
    }
    values[index] = part;
  }

  /** What became of every tensor, those first that are in the way. */
  private List<Line> all() {
    Stream<Line> initialised =
        IntStream.range(0, values.length)
            .filter(i -> values[i] == null)
            .mapToObj(i -> layout.parameters().get(i).name())
            .map(name -> new Line(name, Fate.INITIALISED, "not in the file"));
    return Stream.concat(lines.stream(), initialised)
        .sorted((a, b) -> Boolean.compare(b.fatal(), a.fatal()))
        .toList();
  }

  /** Whether the file's weights can be used. */
  public boolean usable() {
    return all().stream().noneMatch(Line::fatal);
  }

  /** A line for every tensor, those first that are in the way. */
  public String text() {
    return Stream.concat(
            all().stream().map(Line::toString), unused.stream().map("unused         "::concat))
        .collect(Collectors.joining("\n", "", "\n"));
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
    String first =
        all.get(0).fatal() ? "; first: " + all.get(0).toString().replaceAll(" +", " ") : "";
    return "%s, %d unused%s".formatted(counts, unused.size(), first);
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
