package io.tubelet.spark.train;

import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.train.StateView;
import io.tubelet.train.StateView.StateBuilder;
import io.tubelet.train.StateView.StatePart;
import io.tubelet.train.TrainState;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
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
 *   optimizer.safetensors      the other parts of the state: first_moment.NAME, second_moment.NAME,
 *                              outer_momentum.NAME, replica.R.first_moment.NAME, …
 *   config.json                the network, as Hugging Face has it
 *   preprocessor_config.json
 *   state.json                 progress and SHA-256 of the others; written last
 * </pre>
 *
 * Without {@code state.json} there is no checkpoint; with it, every other file is whole.
 */
public final class Checkpoints {
  /**
   * {@code state.json}.
   *
   * @param progress how far the run was
   * @param digests SHA-256 by file name
   */
  public record State(Progress progress, Map<String, String> digests) {}

  /**
   * What is wanted of a checkpoint.
   *
   * @param layout the network's tensors
   * @param parts what the state must consist of
   * @param which which checkpoints count; what it throws ends the search
   * @param builders each makes a state from one checkpoint's tensors
   */
  public record Wanted<T>(
      ParameterLayout layout,
      List<StatePart> parts,
      Predicate<Progress> which,
      Supplier<? extends StateBuilder<? extends T>> builders) {}

  /**
   * A checkpoint that was read.
   *
   * @param path its folder
   * @param progress how far the run was
   * @param state its weights, moments and step, as they were wanted
   */
  public record Found<T>(Path path, Progress progress, T state) {}

  private final Configuration hadoop;
  private final Path root;

  /** The checkpoints in the folder {@code root}, which need not exist yet. */
  public Checkpoints(Configuration hadoop, Path root) {
    this.hadoop = hadoop;
    this.root = root;
  }

  /**
   * Writes a checkpoint and removes the oldest beyond {@code keep}. One that was written out of
   * turn does not count, and goes when a later one is there.
   */
  public Path save(StateView state, Progress progress, List<String> labels, int keep)
      throws IOException {
    Path folder = new Path(root, "step-%08d".formatted(state.step()));
    new CheckpointFolder(hadoop, folder).write(state, progress, labels);
    retain(keep);
    return folder;
  }

  private void retain(int keep) throws IOException {
    int regular = 0;
    List<Path> whole = complete();
    for (Path folder : whole) {
      boolean extra = new CheckpointFolder(hadoop, folder).state().progress().extra();
      boolean newest = folder.equals(whole.get(0));
      if (!newest && (extra || regular >= keep)) {
        new CheckpointFolder(hadoop, folder).delete();
      }
      regular += extra ? 0 : 1;
    }
  }

  /** Folders with a {@code state.json}, newest first. */
  private List<Path> complete() throws IOException {
    FileSystem files = root.getFileSystem(hadoop);
    List<Path> folders = new ArrayList<>();
    try {
      for (FileStatus status : files.listStatus(root)) {
        if (status.isDirectory()
            && files.exists(new Path(status.getPath(), CheckpointFolder.STATE))) {
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
   * The newest whole checkpoint of those that count, if there is one; a damaged one is reported and
   * passed over.
   *
   * @throws StateException if checkpoints are there but none is whole or fits the network
   */
  public <T> Optional<Found<T>> newest(Wanted<T> wanted) {
    List<StateException> damages = new ArrayList<>();
    for (Path folder : folders()) {
      CheckpointFolder files = new CheckpointFolder(hadoop, folder);
      Optional<Found<T>> found =
          attempt(files::state, damages)
              .filter(state -> wanted.which.test(state.progress))
              .flatMap(
                  state ->
                      attempt(() -> files.read(state, wanted), damages)
                          .map(read -> new Found<>(folder, state.progress, read)));
      if (found.isPresent()) {
        return found;
      }
    }
    if (!damages.isEmpty()) {
      throw damages.get(0);
    }
    return Optional.empty();
  }

  private static <T> Optional<T> attempt(Supplier<T> reading, List<StateException> damages) {
    try {
      return Optional.of(reading.get());
    } catch (StateException e) {
      System.err.println("tubelet: passed over a damaged checkpoint: " + e.getMessage());
      damages.add(e);
      return Optional.empty();
    }
  }

  /** As {@link #newest(Wanted)}, with weights and the moments that all replicas share. */
  public Optional<Found<TrainState>> latest(ModelSpec model) {
    return newest(trainState(model));
  }

  private static Wanted<TrainState> trainState(ModelSpec model) {
    List<StatePart> parts =
        List.of(StatePart.WEIGHTS, StatePart.FIRST_MOMENT, StatePart.SECOND_MOMENT);
    return trainState(ParameterLayout.of(model), parts);
  }

  private static Wanted<TrainState> trainState(ParameterLayout layout, List<StatePart> parts) {
    return new Wanted<>(layout, parts, all -> true, () -> new TrainState.Builder(layout));
  }

  /**
   * Reads one checkpoint: weights and the moments that all replicas share.
   *
   * @throws StateException if it is not there, is damaged or belongs to another network
   */
  public static Found<TrainState> load(Configuration hadoop, Path folder, ModelSpec model) {
    CheckpointFolder files = new CheckpointFolder(hadoop, folder);
    State state = files.state();
    return new Found<>(folder, state.progress, files.read(state, trainState(model)));
  }

  /** Reads only the weights of a checkpoint; the network is that of the layout. */
  public static Parameters weights(Configuration hadoop, Path folder, ParameterLayout layout) {
    return part(hadoop, folder, layout, StatePart.WEIGHTS);
  }

  /** Reads one part of a checkpoint's state; the network is that of the layout. */
  public static Parameters part(
      Configuration hadoop, Path folder, ParameterLayout layout, StatePart part) {
    CheckpointFolder files = new CheckpointFolder(hadoop, folder);
    return files.read(
        files.state(),
        new Wanted<>(
            layout, List.of(part), all -> true, () -> new OnePart(part, Parameters.zero(layout))));
  }

  private record OnePart(StatePart part, Parameters values) implements StateBuilder<Parameters> {
    @Override
    public void add(StatePart of, int index, float[] read) {
      if (of.equals(part)) {
        System.arraycopy(read, 0, values.get(index), 0, read.length);
      }
    }

    @Override
    public Parameters build(long step) {
      return values;
    }
  }

  /** How far a checkpoint was. */
  public static Progress progress(Configuration hadoop, Path folder) {
    return new CheckpointFolder(hadoop, folder).state().progress();
  }

  /** The folders of all whole checkpoints, newest first. */
  public List<Path> all() {
    return folders();
  }

  /** The folder of the newest whole checkpoint, if there is one. */
  public Optional<Path> newest() {
    return folders().stream().findFirst();
  }

  private List<Path> folders() {
    try {
      return complete();
    } catch (IOException e) {
      throw new StateException("cannot list checkpoints in " + root + ": " + e.getMessage(), e);
    }
  }
}
