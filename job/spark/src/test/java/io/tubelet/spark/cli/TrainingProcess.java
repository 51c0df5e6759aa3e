package io.tubelet.spark.cli;

import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.Recipe;
import io.tubelet.spark.train.Master;
import io.tubelet.spark.train.MinibatchSource;
import io.tubelet.spark.train.RunFolder;
import io.tubelet.spark.train.RunLease;
import io.tubelet.spark.train.TallyEngine;
import io.tubelet.spark.train.TinyRun;
import io.tubelet.spark.train.TrainingLoop;
import io.tubelet.spark.train.TrainingLoop.End;
import io.tubelet.spark.train.TrainingRun;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * A driver that trains a {@link TinyRun} on a local Spark, guarded against signals as the program
 * is; to be stopped, killed and started again.
 */
public final class TrainingProcess {
  /** How the process is called: its first training, and how many epochs. */
  static final String NAME = "tiny";

  private static final int CLIPS = 24;

  private TrainingProcess() {}

  /** The rows of a store, where a process finds them without Spark SQL. */
  private record Rows(String root, Recipe recipe, List<ClipRow> clips) implements Serializable {}

  static void writeRows(Path file, CubeStore store) throws IOException {
    try (ObjectOutputStream out = new ObjectOutputStream(Files.newOutputStream(file))) {
      out.writeObject(
          new Rows(
              store.root().toString(), store.manifest().recipe(), new ArrayList<>(store.clips())));
    }
  }

  private static CubeStore readRows(Path file) {
    try (ObjectInputStream in = new ObjectInputStream(Files.newInputStream(file))) {
      Rows rows = (Rows) in.readObject();
      CubeStore.Manifest manifest =
          new CubeStore.Manifest(rows.recipe, 0, 0, 0, List.of(), List.of(), "", Map.of());
      return new CubeStore(
          new org.apache.hadoop.fs.Path(rows.root), manifest, rows.clips, List.of());
    } catch (IOException | ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Arguments: the file of rows, the run's folder, the number of epochs. */
  public static void main(String[] args) {
    System.exit(Interruption.guard(() -> code(args)));
  }

  private static int code(String[] args) {
    try {
      return train(args) == End.FINISHED ? ExitCode.OK.code() : ExitCode.RESUME.code();
    } catch (IOException | InterruptedException | RuntimeException e) {
      ExitCode.Failure failure = ExitCode.of(e);
      System.out.println(failure.exit() + ": " + failure.message());
      return failure.exit().code();
    }
  }

  private static End train(String[] args) throws IOException, InterruptedException {
    RunFolder folder =
        new RunFolder(new Configuration(), new org.apache.hadoop.fs.Path(Path.of(args[1]).toUri()));
    TinyRun tiny = TinyRun.of(CLIPS, Integer.parseInt(args[2]), TallyEngine.NAME);
    try (JavaSparkContext spark = LocalSpark.context("local[2]");
        RunLease lease = RunLease.acquire(folder, new RunLease.Terms(1, 5, 0.5));
        Master master = tiny.master()) {
      MinibatchSource source = tiny.source(spark, readRows(Path.of(args[0])));
      return new TrainingLoop(run(tiny), folder, master, source, tiny.first(), lease).run(spark);
    } catch (IOException | InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** The training, as any process describes it. */
  static TrainingRun run(TinyRun tiny) {
    return tiny.run(4, 20);
  }
}
