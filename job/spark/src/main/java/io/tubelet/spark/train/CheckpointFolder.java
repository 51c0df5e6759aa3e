package io.tubelet.spark.train;

import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.files.Digest;
import io.tubelet.spark.files.DurableFile;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.files.Json;
import io.tubelet.train.StatePart;
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
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The files of one checkpoint. Tensors are written and read one at a time; the files of tensors may
 * be written by different processes, and count once the whole is committed.
 *
 * <pre>
 * model.safetensors            weights, Hugging Face names
 * optimizer.safetensors        what else replicas share: first_moment.NAME, outer_momentum.NAME, …
 * replica-00003.safetensors    a replica's own: replica.3.first_moment.NAME, …
 * config.json                  the network, as Hugging Face has it
 * preprocessor_config.json
 * state.json                   progress and SHA-256 of the files of tensors; written last
 * </pre>
 *
 * Without {@code state.json} there is no checkpoint; with it, every other file is whole.
 */
record CheckpointFolder(Configuration hadoop, Path folder) {
  static final String STATE = "state.json";

  /**
   * {@code state.json}.
   *
   * @param progress how far the run was
   * @param digests SHA-256 by file name
   */
  record State(Progress progress, Map<String, String> digests) {}

  /** Takes tensors as they are read. */
  @FunctionalInterface
  interface Sink {
    /**
     * Takes one.
     *
     * @param index which tensor of the layout
     */
    void take(StatePart part, int index, float[] values);
  }

  /** The parts of a state by the file that they are kept in. */
  private static Map<String, List<StatePart>> files(List<StatePart> parts) {
    return parts.stream()
        .collect(
            Collectors.groupingBy(CheckpointFolder::file, LinkedHashMap::new, Collectors.toList()));
  }

  private static String file(StatePart part) {
    if (part.replica() != StatePart.SHARED) {
      return "replica-%05d.safetensors".formatted(part.replica());
    }
    return part.equals(StatePart.WEIGHTS) ? "model.safetensors" : "optimizer.safetensors";
  }

  /** One that was cut short, or is about to be written again, must not look whole meanwhile. */
  void begin() throws IOException {
    folder.getFileSystem(hadoop).delete(new Path(folder, STATE), false);
  }

  /**
   * Writes the files that some parts are kept in.
   *
   * @param parts the tensors of each by their index, asked for in order
   * @return SHA-256 by file name
   */
  Map<String, String> write(ParameterLayout layout, Map<StatePart, IntFunction<float[]>> parts)
      throws IOException {
    Map<String, String> digests = new LinkedHashMap<>();
    for (var file : files(List.copyOf(parts.keySet())).entrySet()) {
      digests.put(file.getKey(), write(file.getKey(), file.getValue(), layout, parts));
    }
    return digests;
  }

  private String write(
      String file,
      List<StatePart> some,
      ParameterLayout layout,
      Map<StatePart, IntFunction<float[]>> parts)
      throws IOException {
    List<Safetensors.Entry> entries = new ArrayList<>();
    for (StatePart part : some) {
      for (int i = 0; i < layout.parameters().size(); i++) {
        int index = i;
        Parameter p = layout.parameters().get(i);
        String name = part.prefix() + p.name();
        entries.add(new Safetensors.Entry(name, p.shape(), () -> parts.get(part).apply(index)));
      }
    }
    var sha = Digest.sha256();
    DurableFile.write(
        hadoop,
        new Path(folder, file),
        out -> {
          OutputStream digested = new DigestOutputStream(new BufferedOutputStream(out), sha);
          Safetensors.write(digested, Map.of(), entries);
          digested.flush();
        });
    return HexFormat.of().formatHex(sha.digest());
  }

  /** Makes what was written a checkpoint. */
  void commit(State state, ModelSpec model, List<String> labels) throws IOException {
    describe(model, labels);
    Json.write(hadoop, new Path(folder, STATE), state);
  }

  /** Writes what Hugging Face reads besides the weights. */
  void describe(ModelSpec model, List<String> labels) throws IOException {
    Json.write(hadoop, new Path(folder, "config.json"), HuggingFace.config(model, labels));
    Json.write(
        hadoop, new Path(folder, "preprocessor_config.json"), HuggingFace.preprocessor(model));
  }

  void delete() throws IOException {
    FileSystem files = folder.getFileSystem(hadoop);
    begin();
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
   * Reads some parts of the state.
   *
   * @throws StateException if a file is damaged or belongs to another network
   */
  Map<StatePart, Parameters> read(ParameterLayout layout, List<StatePart> parts) {
    Map<StatePart, Parameters> read = new LinkedHashMap<>();
    parts.forEach(part -> read.put(part, Parameters.zero(layout)));
    read(
        layout,
        parts,
        (part, index, values) ->
            System.arraycopy(values, 0, read.get(part).get(index), 0, values.length));
    return read;
  }

  /** As above, tensor by tensor, and to the end of every file that a part is in. */
  void read(ParameterLayout layout, List<StatePart> parts, Sink sink) {
    State state = state();
    files(parts).forEach((file, some) -> read(file, state, new Reader(layout, some, sink)));
  }

  /** Reads every file that a part is in to its end and keeps nothing; returns the folder. */
  Path requireWhole(ParameterLayout layout, List<StatePart> parts) {
    read(layout, parts, (part, index, values) -> {});
    return folder;
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

  /** Takes the tensors of a file as they are read and hands on those that are wanted. */
  private static final class Reader implements Safetensors.Visitor {
    private final ParameterLayout layout;
    private final Sink sink;
    private final Map<String, StatePart> missing = new LinkedHashMap<>();

    /**
     * @param parts the parts that the file must hold
     */
    Reader(ParameterLayout layout, List<StatePart> parts, Sink sink) {
      this.layout = layout;
      this.sink = sink;
      for (StatePart part : parts) {
        layout.parameters().forEach(p -> missing.put(part.prefix() + p.name(), part));
      }
    }

    /**
     * @throws IllegalArgumentException naming the tensor if it has another shape
     */
    @Override
    public void visit(String name, Tensor tensor) {
      StatePart part = missing.remove(name);
      if (part == null) {
        return;
      }
      int index = layout.index(name.substring(part.prefix().length()));
      requireShape(name, index, tensor.shape());
      sink.take(part, index, tensor.floats());
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
