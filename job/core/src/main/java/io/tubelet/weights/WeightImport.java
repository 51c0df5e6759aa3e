package io.tubelet.weights;

import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.weights.LoadReport.Fate;
import io.tubelet.weights.Safetensors.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * Takes a file's tensors one by one, under Hugging Face's names of any version or the official
 * ones, so that no more than one tensor beside the network is in memory.
 */
public final class WeightImport {
  private final ParameterLayout layout;
  private final float[][] values;
  private final boolean[] met;
  private final List<LoadReport.Line> lines = new ArrayList<>();

  /** Into a network of this layout. */
  public WeightImport(ParameterLayout layout) {
    this.layout = layout;
    this.values = new float[layout.parameters().size()][];
    this.met = new boolean[values.length];
  }

  /** Takes one tensor. */
  public void accept(String key, Tensor tensor) {
    for (Names.Share share : Names.shares(key)) {
      String name = Names.legacy(share.name());
      String where = name.equals(key) ? "" : "as " + name;
      if (Names.isKeyBias(name)) {
        line(key, Fate.IGNORED, "softmax cancels a key bias");
      } else if (name.endsWith("pos_embed") || name.endsWith("position_embeddings")) {
        line(key, Fate.IGNORED, "positions are computed");
      } else if (!layout.has(name)) {
        line(key, Fate.UNEXPECTED, where);
      } else {
        place(key, where, layout.index(name), share, tensor);
      }
    }
  }

  private void place(String key, String where, int index, Names.Share share, Tensor tensor) {
    met[index] = true;
    Parameter own = layout.parameters().get(index);
    List<Integer> shape = new ArrayList<>(tensor.shape());
    if (share.parts() > 1 && shape.get(0) % share.parts() == 0) {
      shape.set(0, shape.get(0) / share.parts());
    }
    if (!shape.equals(own.shape())) {
      line(key, Fate.MISFIT, "has %s, the network %s".formatted(shape, own.shape()));
      return;
    }
    float[] all = tensor.floats();
    int from = share.part() * own.size();
    float[] part = share.parts() == 1 ? all : Arrays.copyOfRange(all, from, from + own.size());
    if (values[index] == null) {
      values[index] = part;
      line(key, Fate.TAKEN, where);
    } else {
      boolean same = Arrays.equals(values[index], part);
      line(key, same ? Fate.IGNORED : Fate.MISFIT, same ? "there twice" : "there twice, unequal");
    }
  }

  /**
   * The report, after the last tensor. A file without any decoder, or without any classifier, is
   * usable: those tensors are drawn.
   */
  public LoadReport report() {
    boolean decoder = has(name -> name.startsWith("decoder."));
    boolean classifier = has(name -> name.startsWith("classifier."));
    List<LoadReport.Line> all = new ArrayList<>(lines);
    for (int i = 0; i < values.length; i++) {
      String name = layout.parameters().get(i).name();
      if (!met[i]) {
        boolean drawn = isDecoder(name) ? !decoder : isHead(name) && !classifier;
        all.add(
            new LoadReport.Line(
                name, drawn ? Fate.DRAWN : Fate.MISSING, drawn ? "the file has no such part" : ""));
      }
    }
    return new LoadReport(all);
  }

  private boolean has(Predicate<String> part) {
    for (int i = 0; i < values.length; i++) {
      if (met[i] && part.test(layout.parameters().get(i).name())) {
        return true;
      }
    }
    return false;
  }

  private static boolean isDecoder(String name) {
    return name.startsWith("decoder.")
        || name.startsWith("videomae.layernorm.")
        || name.equals("encoder_to_decoder.weight")
        || name.equals("mask_token");
  }

  private static boolean isHead(String name) {
    return name.startsWith("classifier.") || name.startsWith("fc_norm.");
  }

  /**
   * The network's weights; those that the file lacks drawn from the seed.
   *
   * @throws IllegalStateException if the report says that the file cannot be used
   */
  public Parameters weights(long seed) {
    LoadReport report = report();
    if (!report.usable()) {
      throw new IllegalStateException(report.summary());
    }
    Parameters drawn = Parameters.draw(layout, seed);
    float[][] all = values.clone();
    for (int i = 0; i < all.length; i++) {
      all[i] = all[i] == null ? drawn.get(i) : all[i];
    }
    return new Parameters(layout, all);
  }

  private void line(String key, Fate fate, String why) {
    lines.add(new LoadReport.Line(key, fate, why));
  }
}
