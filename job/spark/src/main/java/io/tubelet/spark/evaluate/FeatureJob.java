package io.tubelet.spark.evaluate;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.files.Digest;
import java.io.IOException;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
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
 * features  list of float [dim]              the mean over its tokens
 * </pre>
 *
 * @param batch clips encoded at once
 */
public record FeatureJob(int batch) implements Serializable {
  private static final String SCHEMA =
      "message clip { required binary id (STRING); required binary source (STRING); required binary"
          + " label (STRING); required group features (LIST) { repeated group list { required float"
          + " element; } } }";

  public static final String MANIFEST = "features.json";

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
            + true; // for a mean, as parts are named
    String part = "part-%05d-" + Digest.of(decides).substring(0, 12) + ".parquet";
    Map<Integer, Long> clips =
        store.clips().stream()
            .collect(groupingBy(clip -> clip.place().shard(), TreeMap::new, counting()));
    Map<String, Integer> shards = new LinkedHashMap<>();
    clips.keySet().forEach(shard -> shards.put(part.formatted(shard), shard));
    return new ParquetParts<>(shards, MANIFEST, SCHEMA, "clips", clips::get)
        .write(encoder, folder, this::write);
  }

  private void write(Inference.Task task, int shard, ParquetParts.Rows rows) throws IOException {
    List<ClipRow> clips =
        task.store().clips().value().stream()
            .filter(clip -> clip.place().shard() == shard)
            .toList();
    int dim = task.model().encoder().dim();
    task.each(
        clips,
        batch,
        Inference.View.CENTRE,
        task.engine()::encode,
        (clip, tokens) -> {
          rows.add(fill(clip, mean(tokens, dim)));
          task.done().add(1);
        });
  }

  private static Consumer<Group> fill(ClipRow clip, float[] values) {
    return row -> {
      row.append("id", clip.id()).append("source", clip.source()).append("label", clip.label());
      Group features = row.addGroup("features");
      for (float value : values) {
        features.addGroup("list").append("element", value);
      }
    };
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
