package io.tubelet.model;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.Parameter.Init;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tensors of a network in their canonical order: names and shapes of Hugging Face's {@code
 * VideoMAEForPreTraining} and {@code VideoMAEForVideoClassification}, first values of the published
 * code (Xavier for pretraining, truncated normal for fine-tuning).
 *
 * <p>Query, key and value stand side by side, so a flat buffer in this order holds one {@code [3 ·
 * dim, dim]} matrix. There is no key bias: softmax cancels it.
 */
public final class ParameterLayout implements Serializable {
  private final ModelSpec model;
  private final List<Parameter> parameters = new ArrayList<>();
  private final Map<String, Integer> indices = new LinkedHashMap<>();

  private ParameterLayout(ModelSpec model) {
    this.model = model;
  }

  public static ParameterLayout of(ModelSpec model) {
    return of(model, model.pretrains());
  }

  /** With Xavier in the encoder if wanted: a block's scale then does not depend on the width. */
  public static ParameterLayout of(ModelSpec model, boolean xavier) {
    ParameterLayout layout = new ParameterLayout(model);
    layout.addEmbedding();
    for (int i = 0; i < model.encoder().depth(); i++) {
      layout.addBlock("videomae.encoder.layer." + i, model.encoder(), i + 1, xavier);
    }
    int behind = model.encoder().depth() + 1;
    if (model.task() instanceof Task.Pretraining task) {
      layout.addDecoder(task.decoder(), behind);
    } else if (model.task() instanceof Task.Contrastive task) {
      layout.addContrast(task, behind);
    } else {
      layout.addClassifier(model.detects() ? "videomae.layernorm" : "fc_norm", behind);
    }
    return layout;
  }

  private void addEmbedding() {
    ClipGeometry g = model.geometry();
    String name = "videomae.embeddings.patch_embeddings.projection";
    Init init = Init.uniform(1 / Math.sqrt(g.cubeValues()));
    int dim = model.encoder().dim();
    List<Integer> kernel = List.of(dim, ClipGeometry.CHANNELS, g.tubelet(), g.patch(), g.patch());
    boolean frozen = model.task() instanceof Task.Contrastive; // arXiv 2104.02057, section 4
    add(new Parameter(name + ".weight", kernel, init, !frozen, 0, frozen));
    add(new Parameter(name + ".bias", List.of(dim), init, false, 0, frozen));
  }

  private void addBlock(String name, Transformer size, int layer, boolean xavier) {
    int dim = size.dim();
    addNorm(name + ".layernorm_before", dim, layer);
    String attention = name + ".attention.attention.";
    // the published code draws query, key and value as one [3 · dim, dim] matrix
    Init fused = dense(dim, 3 * dim, xavier);
    for (String part : List.of("query", "key", "value")) {
      add(attention + part + ".weight", List.of(dim, dim), fused, true, layer);
    }
    add(attention + "q_bias", List.of(dim), Init.constant(0), false, layer);
    add(attention + "v_bias", List.of(dim), Init.constant(0), false, layer);
    addDense(name + ".attention.output.dense", dim, dim, layer, xavier);
    addNorm(name + ".layernorm_after", dim, layer);
    addDense(name + ".intermediate.dense", dim, size.mlpDim(), layer, xavier);
    addDense(name + ".output.dense", size.mlpDim(), dim, layer, xavier);
  }

  private void addDecoder(Transformer decoder, int layer) {
    int dim = model.encoder().dim();
    addNorm("videomae.layernorm", dim, layer);
    Init projection = Init.uniform(1 / Math.sqrt(dim));
    add("encoder_to_decoder.weight", List.of(decoder.dim(), dim), projection, true, layer);
    Init token = Init.truncatedNormal(0.02, 0.02);
    add("mask_token", List.of(1, 1, decoder.dim()), token, false, layer);
    for (int i = 0; i < decoder.depth(); i++) {
      addBlock("decoder.decoder_layers." + i, decoder, layer, true);
    }
    addNorm("decoder.norm", decoder.dim(), layer);
    addDense("decoder.head", decoder.dim(), model.clips().cubeValues(), layer, true);
  }

  /** Names of projector and predictor as in the published code. */
  private void addContrast(Task.Contrastive task, int layer) {
    int dim = model.encoder().dim();
    addNorm("videomae.layernorm", dim, layer);
    addMlp("projector.", layer, dim, task.hidden(), task.hidden(), task.out());
    List<Parameter> followed = List.copyOf(parameters);
    addMlp("predictor.", layer, task.out(), task.hidden(), task.out());
    followed.forEach(parameter -> add(parameter.momentum()));
  }

  /** Dense layers without bias; places 3 · i + 1 are batch norms, those + 2 ReLUs. */
  private void addMlp(String name, int layer, int... widths) {
    for (int i = 0; i + 1 < widths.length; i++) {
      Init init = Init.uniform(1 / Math.sqrt(widths[i]));
      List<Integer> shape = List.of(widths[i + 1], widths[i]);
      add(name + 3 * i + ".weight", shape, init, true, layer);
      if (i + 2 < widths.length) { // the last has no scale
        addNorm(name + (3 * i + 1), widths[i + 1], layer);
      }
    }
  }

  private void addClassifier(String norm, int layer) {
    int dim = model.encoder().dim();
    int classes = model.classes();
    addNorm(norm, dim, layer);
    // drawn as any dense layer, then scaled by init_scale 0.001
    Init init = Init.truncatedNormal(0.02 * 0.001, 2 * 0.001);
    add("classifier.weight", List.of(classes, dim), init, true, layer);
    add("classifier.bias", List.of(classes), Init.constant(0), false, layer);
  }

  private void addNorm(String name, int dim, int layer) {
    add(name + ".weight", List.of(dim), Init.constant(1), false, layer);
    add(name + ".bias", List.of(dim), Init.constant(0), false, layer);
  }

  private void addDense(String name, int in, int out, int layer, boolean xavier) {
    add(name + ".weight", List.of(out, in), dense(in, out, xavier), true, layer);
    add(name + ".bias", List.of(out), Init.constant(0), false, layer);
  }

  private static Init dense(int in, int out, boolean xavier) {
    return xavier ? Init.xavier(in, out) : Init.truncatedNormal(0.02, 2);
  }

  private void add(String name, List<Integer> shape, Init init, boolean decayed, int layer) {
    add(new Parameter(name, shape, init, decayed, layer, false));
  }

  private void add(Parameter parameter) {
    indices.put(parameter.name(), parameters.size());
    parameters.add(parameter);
  }

  public ModelSpec model() {
    return model;
  }

  public List<Parameter> parameters() {
    return Collections.unmodifiableList(parameters);
  }

  /** The place of a tensor in {@link #parameters()}; fails if the network has no such tensor. */
  public int index(String name) {
    Integer index = indices.get(name);
    if (index == null) {
      throw new IllegalArgumentException("the network has no parameter " + name);
    }
    return index;
  }

  public boolean has(String name) {
    return indices.containsKey(name);
  }

  public long count() {
    return parameters.stream().mapToLong(Parameter::size).sum();
  }
}
