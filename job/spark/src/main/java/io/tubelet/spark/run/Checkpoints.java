package io.tubelet.spark.run;

import io.tubelet.checkpoint.Safetensors;
import io.tubelet.exchange.HuggingFace;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.failure.StateException;
import io.tubelet.spark.store.Digest;
import io.tubelet.spark.store.DurableFile;
import io.tubelet.spark.store.Json;
import io.tubelet.training.TrainState;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The checkpoints of one training run.
 *
 * <pre>
 * checkpoints/step-00000120/
 *   model.safetensors          weights, Hugging Face names
 *   optimizer.safetensors      first_moment.NAME, second_moment.NAME
 *   config.json                the network, as Hugging Face has it
 *   preprocessor_config.json
 *   state.json                 progress and SHA-256 of the others; written last
 * </pre>
 *
 * Without {@code state.json} there is no checkpoint; with it, every other file is whole.
 */
public final class Checkpoints {
  private static final String MODEL = "model.safetensors";
  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final String STATE = "state.json";
  private static final String FIRST = "first_moment.";
  private static final String SECOND = "second_moment.";

  /**
   * {@code state.json}.
   *
   * @param progress how far the run was
   * @param digests SHA-256 by file name
   */
  public record State(Progress progress, Map<String, String> digests) {}

  /**
   * A checkpoint that was read.
   *
   * @param path its folder
   * @param progress how far the run was
   * @param state weights, moments and step
   */
  public record Loaded(Path path, Progress progress, TrainState state) {}

  private final Configuration hadoop;
  private final Path root;

  /** The checkpoints in the folder {@code root}, which need not exist yet. */
  public Checkpoints(Configuration hadoop, Path root) {
    this.hadoop = hadoop;
    this.root = root;
  }

  /** Writes a checkpoint and removes the oldest beyond {@code keep}. */
  public Path save(TrainState state, Progress progress, List<String> labels, int keep)
      throws IOException {
    Path folder = new Path(root, "step-%08d".formatted(state.step()));
    // one that was cut short, or is about to be written again, must not look whole meanwhile
    folder.getFileSystem(hadoop).delete(new Path(folder, STATE), false);
    ModelSpec model = state.weights().layout().model();
    String weights = tensors(new Path(folder, MODEL), ModelFile.entries("", state.weights()));
    List<Safetensors.Entry> moments =
        new ArrayList<>(ModelFile.entries(FIRST, state.firstMoment()));
    moments.addAll(ModelFile.entries(SECOND, state.secondMoment()));
    String optimizer = tensors(new Path(folder, OPTIMIZER), moments);
    Json.write(hadoop, new Path(folder, "config.json"), HuggingFace.config(model, labels));
    Json.write(
        hadoop, new Path(folder, "preprocessor_config.json"), HuggingFace.preprocessor(model));
    Map<String, String> digests = Map.of(MODEL, weights, OPTIMIZER, optimizer);
    Json.write(hadoop, new Path(folder, STATE), new State(progress, digests));
    retain(keep);
    return folder;
  }

  private String tensors(Path path, List<Safetensors.Entry> entries) throws IOException {
    var sha = Digest.sha256();
    DurableFile.write(
        hadoop,
        path,
        out -> {
          OutputStream digested = new DigestOutputStream(new BufferedOutputStream(out), sha);
          Safetensors.write(digested, Map.of(), entries);
          digested.flush();
        });
    return HexFormat.of().formatHex(sha.digest());
  }

  private void retain(int keep) throws IOException {
    List<Path> whole = complete();
    for (Path old : whole.subList(Math.min(keep, whole.size()), whole.size())) {
      FileSystem files = old.getFileSystem(hadoop);
      files.delete(new Path(old, STATE), false);
      files.delete(old, true);
    }
  }

  /** Folders with a {@code state.json}, newest first. */
  private List<Path> complete() throws IOException {
    FileSystem files = root.getFileSystem(hadoop);
    List<Path> folders = new ArrayList<>();
    try {
      for (FileStatus status : files.listStatus(root)) {
        if (status.isDirectory() && files.exists(new Path(status.getPath(), STATE))) {
          folders.add(status.getPath());
        }
      }
    } catch (FileNotFoundException e) {
      return List.of();
    }
    folders.sort(Comparator.comparing(Path::getName).reversed());
    return folders;
  }

  /**
   * The newest whole checkpoint, if there is one; a damaged one is reported and passed over.
   *
   * @throws StateException if checkpoints are there but none is whole or fits the network
   */
  public Optional<Loaded> latest(ModelSpec model) {
    try {
      List<Path> folders = complete();
      StateException damage = null;
      for (Path folder : folders) {
        try {
          return Optional.of(load(hadoop, folder, model));
        } catch (StateException e) {
          System.err.println("tubelet: passed over a damaged checkpoint: " + e.getMessage());
          damage = e;
        }
      }
      if (damage != null) {
        throw damage;
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new StateException("cannot list checkpoints in " + root + ": " + e.getMessage(), e);
    }
  }

  /**
   * Reads one checkpoint.
   *
   * @throws StateException if it is not there, is damaged or belongs to another network
   */
  public static Loaded load(Configuration hadoop, Path folder, ModelSpec model) {
    State state = state(hadoop, folder);
    ParameterLayout layout = ParameterLayout.of(model);
    Path path = new Path(folder, MODEL);
    Parameters weights = ModelFile.parameters("", layout, read(hadoop, path, state), path + "");
    Path optimizer = new Path(folder, OPTIMIZER);
    Safetensors.Content moments = read(hadoop, optimizer, state);
    TrainState loaded =
        new TrainState(
            state.progress.step(),
            weights,
            ModelFile.parameters(FIRST, layout, moments, optimizer + ""),
            ModelFile.parameters(SECOND, layout, moments, optimizer + ""));
    return new Loaded(folder, state.progress, loaded);
  }

  /** Reads only the weights of a checkpoint; the network is that of the layout. */
  public static Parameters weights(Configuration hadoop, Path folder, ParameterLayout layout) {
    Path path = new Path(folder, MODEL);
    return ModelFile.parameters("", layout, read(hadoop, path, state(hadoop, folder)), path + "");
  }

  private static State state(Configuration hadoop, Path folder) {
    return Json.read(hadoop, new Path(folder, STATE), State.class)
        .orElseThrow(() -> new StateException("no checkpoint at " + folder));
  }

  private static Safetensors.Content read(Configuration hadoop, Path path, State state) {
    var sha = Digest.sha256();
    try (InputStream in =
        new DigestInputStream(
            new BufferedInputStream(path.getFileSystem(hadoop).open(path)), sha)) {
      Safetensors.Content content = Safetensors.read(in);
      String digest = HexFormat.of().formatHex(sha.digest());
      if (in.read() >= 0 || !digest.equals(state.digests.get(path.getName()))) {
        throw new StateException(path + " is damaged: its digest is not that of state.json");
      }
      return content;
    } catch (IOException e) {
      throw new StateException("cannot read %s: %s".formatted(path, e.getMessage()), e);
    }
  }

  /** The folder of the newest whole checkpoint, if there is one. */
  public Optional<Path> newest() {
    try {
      return complete().stream().findFirst();
    } catch (IOException e) {
      throw new StateException("cannot list checkpoints in " + root + ": " + e.getMessage(), e);
    }
  }
}
