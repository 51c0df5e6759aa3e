package io.tubelet.spark.train;

import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.files.Json;
import io.tubelet.train.StatePart;
import io.tubelet.train.TrainState;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The checkpoints of one training run: {@code step-00000120/} and others, each a {@link
 * CheckpointFolder}.
 *
 * @param root their folder, which need not exist yet
 */
public record Checkpoints(Configuration hadoop, Path root) {
  private static final List<StatePart> SHARED =
      List.of(StatePart.WEIGHTS, StatePart.FIRST_MOMENT, StatePart.SECOND_MOMENT);

  /** The folder of the checkpoint after so many steps, there or not. */
  Path at(long step) {
    return new Path(root, "step-%08d".formatted(step));
  }

  /**
   * Writes a checkpoint of weights and shared moments and removes the oldest beyond {@code keep}.
   */
  public Path save(TrainState state, Progress progress, List<String> labels, int keep)
      throws IOException {
    CheckpointFolder folder = new CheckpointFolder(hadoop, at(state.step()));
    write(folder, state.weights().layout(), state.tensors(SHARED), progress, labels);
    retain(keep);
    return folder.folder();
  }

  /** Writes a checkpoint from this process alone. */
  static void write(
      CheckpointFolder folder,
      ParameterLayout layout,
      Map<StatePart, IntFunction<float[]>> state,
      Progress progress,
      List<String> labels)
      throws IOException {
    folder.begin();
    Map<String, String> digests = folder.write(layout, state);
    folder.commit(new CheckpointFolder.State(progress, digests), layout.model(), labels);
  }

  /** Writes weights for other programs, as Hugging Face's are. */
  public static void export(
      Configuration hadoop, Path target, Parameters weights, List<String> labels)
      throws IOException {
    CheckpointFolder folder = new CheckpointFolder(hadoop, target);
    folder.write(weights.layout(), Map.of(StatePart.WEIGHTS, weights::get));
    folder.describe(weights.layout().model(), labels);
  }

  /**
   * Removes the oldest beyond {@code keep}. One that was written out of turn does not count, and
   * goes when a later one is there.
   */
  void retain(int keep) throws IOException {
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
   * passed over. It is read to its end, and nothing of it is kept.
   *
   * @param parts what the state must consist of
   * @param which which checkpoints count; what it throws ends the search
   * @throws StateException if checkpoints are there but none is whole or fits the network
   */
  Optional<Path> newest(ParameterLayout layout, List<StatePart> parts, Predicate<Progress> which) {
    List<StateException> damages = new ArrayList<>();
    for (Path folder : all()) {
      CheckpointFolder files = new CheckpointFolder(hadoop, folder);
      Optional<Path> whole =
          attempt(files::state, damages)
              .filter(state -> which.test(state.progress()))
              .flatMap(state -> attempt(() -> files.requireWhole(layout, parts), damages));
      if (whole.isPresent()) {
        return whole;
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

  /** Reads one part of a checkpoint's state; the network is that of the layout. */
  public static Parameters part(
      Configuration hadoop, Path folder, ParameterLayout layout, StatePart part) {
    return new CheckpointFolder(hadoop, folder).read(layout, List.of(part)).get(part);
  }

  /** Whether a file of a checkpoint holds what only training needs. */
  public static boolean isMoments(String file) {
    return file.equals("optimizer.safetensors") || file.startsWith("replica-");
  }

  /** SHA-256 of a checkpoint's files of tensors; nothing of a folder that is none. */
  public static Map<String, String> digests(Configuration hadoop, Path folder) {
    return Json.read(hadoop, new Path(folder, CheckpointFolder.STATE), CheckpointFolder.State.class)
        .map(CheckpointFolder.State::digests)
        .orElse(Map.of());
  }

  /** How far a checkpoint was. */
  public static Progress progress(Configuration hadoop, Path folder) {
    return new CheckpointFolder(hadoop, folder).state().progress();
  }

  /** The folder of the newest whole checkpoint, if there is one. */
  public Optional<Path> newest() {
    return all().stream().findFirst();
  }

  /** The folders of all whole checkpoints, newest first. */
  public List<Path> all() {
    try {
      return complete();
    } catch (IOException e) {
      throw new StateException("cannot list checkpoints in " + root + ": " + e.getMessage(), e);
    }
  }
}
