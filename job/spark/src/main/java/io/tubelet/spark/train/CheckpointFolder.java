package io.tubelet.spark.train;

import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.files.DurableFile;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.files.Json;
import io.tubelet.train.StatePart;
import io.tubelet.weights.HuggingFace;
import io.tubelet.weights.Safetensors;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.apache.commons.codec.digest.DigestUtils;
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
public record CheckpointFolder(Configuration hadoop, Path folder) {
  static final String STATE = "state.json";

  /** {@code state.json}; digests are SHA-256 by file name. */
  public record State(Progress progress, Map<String, String> digests) {}

  @FunctionalInterface
  interface Sink {
    /** Takes the tensor of a part with this index in the layout. */
    void take(StatePart part, int index, float[] values);
  }

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

  /** Whether a file of a checkpoint holds what only training needs. */
  public static boolean isMoments(String file) {
    return file.equals("optimizer.safetensors") || file.startsWith("replica-");
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
      List<Safetensors.Entry> entries = new ArrayList<>();
      for (StatePart part : file.getValue()) {
        for (int i = 0; i < layout.parameters().size(); i++) {
          int index = i;
          Parameter p = layout.parameters().get(i);
          String name = part.prefix() + p.name();
          entries.add(new Safetensors.Entry(name, p.shape(), () -> parts.get(part).apply(index)));
        }
      }
      String digest =
          DurableFile.digested(
              hadoop,
              new Path(folder, file.getKey()),
              out -> Safetensors.write(out, Map.of(), entries));
      digests.put(file.getKey(), digest);
    }
    return digests;
  }

  /** Writes a checkpoint from this process alone. */
  void write(
      ParameterLayout layout,
      Map<StatePart, IntFunction<float[]>> state,
      Progress progress,
      List<String> labels)
      throws IOException {
    begin();
    commit(new State(progress, write(layout, state)), layout.model(), labels);
  }

  void commit(State state, ModelSpec model, List<String> labels) throws IOException {
    describe(model, labels);
    Json.write(hadoop, new Path(folder, STATE), state);
  }

  /** Writes weights for other programs, as Hugging Face's are. */
  public void export(Parameters weights, List<String> labels) throws IOException {
    write(weights.layout(), Map.of(StatePart.WEIGHTS, weights::get));
    describe(weights.layout().model(), labels);
  }

  /** Writes what Hugging Face reads besides the weights. */
  private void describe(ModelSpec model, List<String> labels) throws IOException {
    Json.write(hadoop, new Path(folder, "config.json"), HuggingFace.config(model, labels));
    Json.write(
        hadoop, new Path(folder, "preprocessor_config.json"), HuggingFace.preprocessor(model));
  }

  void delete() throws IOException {
    FileSystem files = folder.getFileSystem(hadoop);
    begin();
    files.delete(folder, true);
  }

  /** What the checkpoint says of itself; fails if there is none. */
  public State state() {
    return find().orElseThrow(() -> new StateException("no checkpoint at " + folder));
  }

  private Optional<State> find() {
    return Json.read(hadoop, new Path(folder, STATE), State.class);
  }

  /** SHA-256 of the files of tensors; nothing of a folder that is no checkpoint. */
  public Map<String, String> digests() {
    return find().map(State::digests).orElse(Map.of());
  }

  /**
   * Reads some parts of the state.
   *
   * @throws StateException if a file is damaged or belongs to another network
   */
  public Map<StatePart, Parameters> read(ParameterLayout layout, List<StatePart> parts) {
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
    files(parts).forEach((file, some) -> read(file, state, layout, some, sink));
  }

  /** Reads every file that a part is in to its end and keeps nothing; returns this. */
  CheckpointFolder requireWhole(ParameterLayout layout, List<StatePart> parts) {
    read(layout, parts, (part, index, values) -> {});
    return this;
  }

  private void read(
      String name, State state, ParameterLayout layout, List<StatePart> parts, Sink sink) {
    Map<String, StatePart> missing = new LinkedHashMap<>();
    for (StatePart part : parts) {
      layout.parameters().forEach(p -> missing.put(part.prefix() + p.name(), part));
    }
    Path path = new Path(folder, name);
    var sha = DigestUtils.getSha256Digest();
    try (InputStream in =
        new DigestInputStream(
            new BufferedInputStream(path.getFileSystem(hadoop).open(path)), sha)) {
      Safetensors.read(
          in,
          (tensor, found) -> {
            StatePart part = missing.remove(tensor);
            if (part != null) {
              sink.take(part, index(layout, part, tensor, found.shape()), found.floats());
            }
          });
      String digest = HexFormat.of().formatHex(sha.digest());
      if (in.read() >= 0 || !digest.equals(state.digests().get(name))) {
        throw new StateException(path + " is damaged: its digest is not that of state.json");
      }
      missing.forEach((tensor, part) -> index(layout, part, tensor, null));
    } catch (IOException e) {
      throw new StateException("cannot read %s: %s".formatted(path, e.getMessage()), e);
    } catch (IllegalArgumentException e) {
      throw new StateException("%s: %s".formatted(path, e.getMessage()), e);
    }
  }

  /**
   * The index of a part's tensor in the layout.
   *
   * @param found its shape; null if the file lacks it
   * @throws IllegalArgumentException naming the tensor if it has another shape
   */
  private static int index(
      ParameterLayout layout, StatePart part, String tensor, List<Integer> found) {
    int index = layout.index(tensor.substring(part.prefix().length()));
    List<Integer> wanted = layout.parameters().get(index).shape();
    if (!wanted.equals(found)) {
      throw new IllegalArgumentException(
          "%s has shape %s, this network wants %s"
              .formatted(tensor, found == null ? "none" : found, wanted));
    }
    return index;
  }
}
