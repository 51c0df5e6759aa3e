package io.tubelet.spark.inference;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Crop;
import io.tubelet.masking.Masking.NoMasking;
import io.tubelet.report.EmbeddingMap.Features;
import io.tubelet.spark.round.EnginePool;
import io.tubelet.spark.round.Presentation;
import io.tubelet.spark.round.SharedState;
import io.tubelet.spark.store.ClipReader;
import io.tubelet.spark.store.ClipRow;
import io.tubelet.spark.store.Labels;
import io.tubelet.spark.store.StoreAccess;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.Path;

/**
 * Encodes clips inside a task.
 *
 * @param order which engine
 * @param store where the clips are
 * @param weights of the network
 * @param batch clips encoded at once
 * @param mean whether a clip's tokens are pooled into their mean
 */
record Encoder(
    EnginePool.Order order, StoreAccess store, SharedState weights, int batch, boolean mean)
    implements Serializable {

  /** What takes a clip's features. */
  @FunctionalInterface
  interface Sink {
    /**
     * Takes one clip's.
     *
     * @param values {@code [tokens, dim]}; one token if they are pooled
     */
    void add(ClipRow clip, float[] values) throws IOException;
  }

  List<Features> sample(Iterator<ClipRow> clips) {
    List<ClipRow> rows = new ArrayList<>();
    clips.forEachRemaining(rows::add);
    List<Features> features = new ArrayList<>();
    encode(rows, (clip, values) -> features.add(new Features(clip.id(), clip.label(), values)));
    return features;
  }

  /** Writes the features of a shard's clips. */
  void write(int shard, Path target) throws IOException {
    List<ClipRow> rows =
        store.clips().value().stream().filter(clip -> clip.place().shard() == shard).toList();
    int dim = order.training().model().encoder().dim();
    FeatureFile.write(store.hadoop().value().value(), target, dim, mean, to -> encode(rows, to));
  }

  private void encode(List<ClipRow> rows, Sink sink) {
    if (rows.isEmpty()) {
      return;
    }
    Augmentation middle = new Augmentation(Crop.Centre.view(0, 1));
    Presentation whole =
        new Presentation(
            order.training().model().geometry(),
            middle,
            new NoMasking(),
            new Labels(List.of()),
            0,
            0);
    EnginePool.with(
        order,
        engine -> {
          engine.load(weights.join(0));
          try (ClipReader reader = store.open()) {
            for (int from = 0; from < rows.size(); from += batch) {
              List<ClipRow> part = rows.subList(from, Math.min(from + batch, rows.size()));
              add(part, engine.encode(whole.batch(reader, part, 0)), sink);
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return rows.size();
        });
  }

  /**
   * @param values {@code [batch, tokens, dim]}
   */
  private void add(List<ClipRow> clips, float[] values, Sink sink) throws IOException {
    int size = values.length / clips.size();
    int dim = order.training().model().encoder().dim();
    for (int i = 0; i < clips.size(); i++) {
      float[] own = Arrays.copyOfRange(values, i * size, (i + 1) * size);
      sink.add(clips.get(i), mean ? mean(own, dim) : own);
    }
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
