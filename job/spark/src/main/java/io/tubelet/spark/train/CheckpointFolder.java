package io.tubelet.spark.train;

import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.spark.files.Digest;
import io.tubelet.spark.files.DurableFile;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.files.Json;
import io.tubelet.spark.train.Checkpoints.State;
import io.tubelet.spark.train.Checkpoints.Wanted;
import io.tubelet.train.StateView;
import io.tubelet.train.StateView.StateBuilder;
import io.tubelet.train.StateView.StatePart;
import io.tubelet.weights.HuggingFace;
import io.tubelet.weights.Safetensors;
import io.tubelet.weights.Safetensors.Tensor;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The files of one checkpoint; tensors are written and read one at a time. */
record CheckpointFolder(Configuration hadoop, Path folder) {
  static final String STATE = "state.json";
  private static final String MODEL = "model.safetensors";
  private static final String OPTIMIZER = "optimizer.safetensors";

  void write(StateView state, Progress progress, List<String> labels) throws IOException {
    // one that was cut short, or is about to be written again, must not look whole meanwhile
    folder.getFileSystem(hadoop).delete(new Path(folder, STATE), false);
    ModelSpec model = state.layout().model();
    Map<String, String> digests =
        Map.of(
            MODEL,
            tensors(MODEL, entries(state, List.of(StatePart.WEIGHTS))),
            OPTIMIZER,
            tensors(OPTIMIZER, entries(state, withoutWeights(state.parts()))));
    Json.write(hadoop, new Path(folder, "config.json"), HuggingFace.config(model, labels));
    Json.write(
        hadoop, new Path(folder, "preprocessor_config.json"), HuggingFace.preprocessor(model));
    Json.write(hadoop, new Path(folder, STATE), new State(progress, digests));
  }

  private static List<StatePart> withoutWeights(List<StatePart> parts) {
    List<StatePart> others = new ArrayList<>(parts);
    others.remove(StatePart.WEIGHTS);
    return others;
  }

  private String tensors(String name, List<Safetensors.Entry> entries) throws IOException {
    var sha = Digest.sha256();
    DurableFile.write(
        hadoop,
        new Path(folder, name),
        out -> {
          OutputStream digested = new DigestOutputStream(new BufferedOutputStream(out), sha);
          Safetensors.write(digested, Map.of(), entries);
          digested.flush();
        });
    return HexFormat.of().formatHex(sha.digest());
  }

  void delete() throws IOException {
    FileSystem files = folder.getFileSystem(hadoop);
    files.delete(new Path(folder, STATE), false);
    files.delete(folder, true);
  }

  /**
   * @throws StateException if there is none
   */
  State state() {
    return Json.read(hadoop, new Path(folder, STATE), State.class)
        .orElseThrow(() -> new StateException("no checkpoint at " + folder));
  }

  /**
   * What is wanted of the checkpoint.
   *
   * @throws StateException if a file is damaged or belongs to another network
   */
  <T> T read(State state, Wanted<T> wanted) {
    StateBuilder<? extends T> builder = wanted.builders().get();
    List<StatePart> others = withoutWeights(wanted.parts());
    try {
      read(MODEL, state, new Reader(wanted.layout(), List.of(StatePart.WEIGHTS), builder));
      if (!others.isEmpty()) {
        read(OPTIMIZER, state, new Reader(wanted.layout(), others, builder));
      }
      return builder.build(state.progress().step());
    } catch (RuntimeException e) {
      builder.discard();
      throw e;
    }
  }

  private void read(String name, State state, Reader reader) {
    Path path = new Path(folder, name);
    var sha = Digest.sha256();
    try (InputStream in =
        new DigestInputStream(
            new BufferedInputStream(path.getFileSystem(hadoop).open(path)), sha)) {
      Safetensors.read(in, reader);
      String digest = HexFormat.of().formatHex(sha.digest());
      if (in.read() >= 0 || !digest.equals(state.digests().get(name))) {
        throw new StateException(path + " is damaged: its digest is not that of state.json");
      }
      reader.finish();
    } catch (IOException e) {
      throw new StateException("cannot read %s: %s".formatted(path, e.getMessage()), e);
    } catch (IllegalArgumentException e) {
      throw new StateException("%s: %s".formatted(path, e.getMessage()), e);
    }
  }

  /** Parts of a state as tensors of a file, under Hugging Face's names. */
  private static List<Safetensors.Entry> entries(StateView state, List<StatePart> parts) {
    List<Safetensors.Entry> entries = new ArrayList<>();
    for (StatePart part : parts) {
      List<Parameter> tensors = state.layout().parameters();
      for (int i = 0; i < tensors.size(); i++) {
        int index = i;
        Parameter p = tensors.get(i);
        String name = part.prefix() + p.name();
        entries.add(new Safetensors.Entry(name, p.shape(), () -> state.tensor(part, index)));
      }
    }
    return entries;
  }

  /** Takes the tensors of a file as they are read and hands those of a state to its builder. */
  private static final class Reader implements Safetensors.Visitor {
    private final ParameterLayout layout;
    private final StateBuilder<?> builder;
    private final Map<String, StatePart> missing = new LinkedHashMap<>();

    /**
     * @param parts the parts that the file must hold
     */
    Reader(ParameterLayout layout, List<StatePart> parts, StateBuilder<?> builder) {
      this.layout = layout;
      this.builder = builder;
      for (StatePart part : parts) {
        layout.parameters().forEach(p -> missing.put(part.prefix() + p.name(), part));
      }
    }

    /**
     * @throws IllegalArgumentException naming the tensor if it has another shape, or comes when it
     *     cannot be taken
     */
    @Override
    public void visit(String name, Tensor tensor) {
      StatePart part = missing.remove(name);
      if (part == null) {
        return;
      }
      int index = layout.index(name.substring(part.prefix().length()));
      requireShape(name, index, tensor.shape());
      builder.add(part, index, tensor.floats());
    }

    /**
     * @throws IllegalArgumentException naming the first tensor that the file lacks
     */
    void finish() {
      missing.forEach(
          (name, part) ->
              requireShape(name, layout.index(name.substring(part.prefix().length())), null));
    }

    private void requireShape(String name, int index, List<Integer> found) {
      List<Integer> wanted = layout.parameters().get(index).shape();
      if (!wanted.equals(found)) {
        throw new IllegalArgumentException(
            "%s has shape %s, this network wants %s"
                .formatted(name, found == null ? "none" : found, wanted));
      }
    }
  }
}
