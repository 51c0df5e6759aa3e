package io.tubelet.spark.evaluate;

import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.files.Digest;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Features of a store's clips by a frozen encoder: middle crop, nothing hidden, after the encoder's
 * final norm ({@link io.tubelet.engine.Engine#encode}).
 *
 * @param batch clips encoded at once
 * @param mean whether a clip's tokens are pooled into their mean
 */
public record FeatureJob(int batch, boolean mean) implements Serializable {

  /**
   * A clip's features.
   *
   * @param clip its id
   * @param label its class; empty if it has none
   * @param values {@code [dim]}
   */
  public record Features(String clip, String label, float[] values) implements Serializable {}

  /** The file of a folder that is written when all parts are there. */
  public static final String MANIFEST = "features.json";

  /** Features of some clips, evenly spaced over the store, in its order. */
  public List<Features> sample(Inference encoder, int clips) {
    List<ClipRow> all = encoder.store().clips();
    int taken = Math.min(clips, all.size());
    List<ClipRow> chosen =
        IntStream.range(0, taken)
            .mapToObj(i -> all.get((int) ((long) i * all.size() / taken)))
            .toList();
    return encoder.map(chosen, this::features).stream().flatMap(List::stream).toList();
  }

  private List<Features> features(Inference.Task task, List<ClipRow> clips) throws IOException {
    List<Features> features = new ArrayList<>();
    encode(task, clips, (clip, of) -> features.add(new Features(clip.id(), clip.label(), of)));
    return features;
  }

  /**
   * Writes {@code part-SHARD-DIGEST.parquet} for each shard of the store that has none yet, one
   * task a shard, and removes the parts of other weights or stores. The digest is of all that
   * decides a part's bytes, so that a killed job resumes.
   *
   * @return how many parts were written
   */
  public int write(Inference encoder, Path folder) throws IOException {
    CubeStore store = encoder.store();
    String decides =
        encoder.weights().layout().model()
            + encoder.weights().digest()
            + store.manifest().digest()
            + mean;
    String part = "part-%05d-" + Digest.of(decides).substring(0, 12) + ".parquet";
    Map<String, Integer> missing = new LinkedHashMap<>();
    store.clips().stream()
        .map(clip -> clip.place().shard())
        .distinct()
        .forEach(shard -> missing.put(part.formatted(shard), shard));
    FileSystem files = folder.getFileSystem(encoder.spark().hadoopConfiguration());
    files.mkdirs(folder);
    for (FileStatus file : files.listStatus(folder)) {
      String name = file.getPath().getName();
      if (missing.remove(name) == null && name.startsWith("part-")) {
        files.delete(file.getPath(), false);
      }
    }
    if (!missing.isEmpty()) {
      files.delete(new Path(folder, MANIFEST), false);
      String root = folder.toString();
      encoder.map(
          List.copyOf(missing.values()),
          missing.size(),
          (task, shards) -> write(task, shards, shard -> new Path(root, part.formatted(shard))));
    }
    return missing.size();
  }

  private int write(Inference.Task task, List<Integer> shards, Function<Integer, Path> target)
      throws IOException {
    Configuration hadoop = task.store().hadoop().value().value();
    for (int shard : shards) {
      List<ClipRow> clips =
          task.store().clips().value().stream()
              .filter(clip -> clip.place().shard() == shard)
              .toList();
      FeatureFile.write(
          hadoop, target.apply(shard), dim(task), mean, sink -> encode(task, clips, sink));
    }
    return shards.size();
  }

  private static int dim(Inference.Task task) {
    return task.model().encoder().dim();
  }

  private void encode(Inference.Task task, List<ClipRow> clips, Inference.Sink sink)
      throws IOException {
    task.each(
        clips,
        batch,
        Inference.View.CENTRE,
        task.engine()::encode,
        (clip, tokens) -> sink.add(clip, mean ? mean(tokens, dim(task)) : tokens));
  }

  /** {@code [tokens, dim] → [dim]}. */
  private static float[] mean(float[] tokens, int dim) {
    double[] sums = new double[dim];
    for (int i = 0; i < tokens.length; i++) {
      sums[i % dim] += tokens[i];
    }
    float[] mean = new float[dim];
    for (int i = 0; i < dim; i++) {
      mean[i] = (float) (sums[i] * dim / tokens.length);
    }
    return mean;
  }
}
