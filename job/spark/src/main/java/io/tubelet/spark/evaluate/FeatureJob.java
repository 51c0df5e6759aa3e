package io.tubelet.spark.evaluate;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.files.Digest;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;

/**
 * Features of a store's clips by a frozen encoder: middle crop, nothing hidden, after the encoder's
 * final norm ({@link io.tubelet.engine.Engine#encode}). A row a clip:
 *
 * <pre>
 * id        text                             the clip's
 * source    text                             the video's path relative to its corpus
 * label     text                             its class, or empty
 * features  list of float [dim]              or list of list of float [tokens, dim]
 * </pre>
 *
 * @param batch clips encoded at once
 * @param mean whether a clip's tokens are pooled into their mean
 */
public record FeatureJob(int batch, boolean mean) implements Serializable {
  private static final String VECTOR =
      "required group %s (LIST) { repeated group list { required float element; } }";
  private static final String TOKENS =
      "required group features (LIST) { repeated group list { "
          + VECTOR.formatted("element")
          + " } }";
  private static final String ROW =
      "message clip { required binary id (STRING); required binary source (STRING);"
          + " required binary label (STRING); %s }";

  /**
   * A clip's features.
   *
   * @param clip its id
   * @param label its class; empty if it has none
   * @param values {@code [dim]}
   */
  public record Features(String clip, String label, float[] values) implements Serializable {}

  public static final String MANIFEST = "features.json";

  /** Features of some clips, evenly spaced over the store, in its order. */
  public List<Features> sample(Inference encoder, int clips) {
    List<ClipRow> all = encoder.store().clips();
    int taken = Math.min(clips, all.size());
    List<ClipRow> chosen =
        IntStream.range(0, taken)
            .mapToObj(i -> all.get((int) ((long) i * all.size() / taken)))
            .toList();
    return encoder.map(chosen, 0, "clips", taken, this::features).stream()
        .flatMap(List::stream)
        .toList();
  }

  private List<Features> features(Inference.Task task, List<ClipRow> clips) throws IOException {
    List<Features> features = new ArrayList<>();
    encode(task, clips, (clip, of) -> features.add(new Features(clip.id(), clip.label(), of)));
    return features;
  }

  /**
   * Writes {@code part-SHARD-DIGEST.parquet} for each shard of the store that has none yet, one
   * task a shard.
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
    Map<Integer, Long> clips =
        store.clips().stream()
            .collect(groupingBy(clip -> clip.place().shard(), TreeMap::new, counting()));
    Map<String, Integer> shards = new LinkedHashMap<>();
    clips.keySet().forEach(shard -> shards.put(part.formatted(shard), shard));
    String schema = ROW.formatted(mean ? VECTOR.formatted("features") : TOKENS);
    return new ParquetParts<>(shards, MANIFEST, schema, "clips", clips::get)
        .write(encoder, folder, this::write);
  }

  private void write(Inference.Task task, int shard, ParquetParts.Rows rows) throws IOException {
    List<ClipRow> clips =
        task.store().clips().value().stream()
            .filter(clip -> clip.place().shard() == shard)
            .toList();
    encode(task, clips, (clip, values) -> rows.add(fill(clip, values, dim(task))));
  }

  private Consumer<Group> fill(ClipRow clip, float[] values, int dim) {
    return row -> {
      row.append("id", clip.id()).append("source", clip.source()).append("label", clip.label());
      add(row.addGroup("features"), values, dim, mean);
    };
  }

  private static void add(Group list, float[] values, int dim, boolean pooled) {
    if (pooled) {
      for (float value : values) {
        list.addGroup("list").append("element", value);
      }
    } else {
      for (int from = 0; from < values.length; from += dim) {
        float[] token = Arrays.copyOfRange(values, from, from + dim);
        add(list.addGroup("list").addGroup("element"), token, dim, true);
      }
    }
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
        (clip, tokens) -> {
          sink.add(clip, mean ? mean(tokens, dim(task)) : tokens);
          task.done().add(1);
        });
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
