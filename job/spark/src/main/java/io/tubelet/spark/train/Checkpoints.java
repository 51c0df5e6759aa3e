package io.tubelet.spark.train;

import io.tubelet.model.ParameterLayout;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.train.StatePart;
import io.tubelet.train.TrainState;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
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

  /** The checkpoint after this number of steps, there or not. */
  CheckpointFolder at(long step) {
    return new CheckpointFolder(hadoop, new Path(root, "step-%08d".formatted(step)));
  }

  /**
   * Writes a checkpoint of weights and shared moments and removes the oldest beyond {@code keep}.
   */
  public Path save(TrainState state, Progress progress, List<String> labels, int keep)
      throws IOException {
    CheckpointFolder folder = at(state.step());
    folder.write(state.weights().layout(), state.tensors(SHARED), progress, labels);
    retain(keep);
    return folder.folder();
  }

  /**
   * Removes the oldest beyond {@code keep}. One that was written out of turn does not count, and
   * goes when a later one is there.
   */
  void retain(int keep) throws IOException {
    int regular = 0;
    List<CheckpointFolder> whole = all();
    for (CheckpointFolder folder : whole) {
      boolean extra = folder.state().progress().extra();
      boolean newest = folder.equals(whole.get(0));
      if (!newest && (extra || regular >= keep)) {
        folder.delete();
      }
      regular += extra ? 0 : 1;
    }
  }

  /** Folders with a {@code state.json}, newest first. */
  private List<CheckpointFolder> all() {
    List<CheckpointFolder> all = new ArrayList<>();
    try {
      FileSystem files = root.getFileSystem(hadoop);
      for (FileStatus status : files.listStatus(root)) {
        if (status.isDirectory()
            && files.exists(new Path(status.getPath(), CheckpointFolder.STATE))) {
          all.add(new CheckpointFolder(hadoop, status.getPath()));
        }
      }
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw new StateException("cannot list checkpoints in " + root + ": " + e.getMessage(), e);
    }
    all.sort(Comparator.<CheckpointFolder, String>comparing(c -> c.folder().getName()).reversed());
    return all;
  }

  /**
   * The newest whole checkpoint of those that count, if there is one; a damaged one is reported and
   * passed over. It is read to its end, and nothing of it is kept.
   *
   * @param parts what the state must consist of
   * @param which which checkpoints count; what it throws ends the search
   * @throws StateException if checkpoints are there but none is whole or fits the network
   */
  Optional<CheckpointFolder> newest(
      ParameterLayout layout, List<StatePart> parts, Predicate<Progress> which) {
    List<StateException> damages = new ArrayList<>();
    for (CheckpointFolder folder : all()) {
      Optional<CheckpointFolder> whole =
          attempt(folder::state, damages)
              .filter(state -> which.test(state.progress()))
              .flatMap(state -> attempt(() -> folder.requireWhole(layout, parts), damages));
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

  /** The folder of the newest checkpoint, if there is one. */
  public Optional<Path> newest() {
    return all().stream().findFirst().map(CheckpointFolder::folder);
  }
}
