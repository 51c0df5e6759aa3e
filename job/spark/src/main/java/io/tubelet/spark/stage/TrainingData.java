package io.tubelet.spark.stage;

import io.tubelet.spark.config.DataConfig;
import io.tubelet.spark.config.DataConfig.Reading;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.ClipAccess;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.Corpus;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.data.Recipe;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.train.Quarantine;
import java.io.IOException;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * What a training reads: a store, or videos.
 *
 * @param place for messages
 * @param digest of all that decides its clips
 * @param frames of a clip
 * @param quarantine videos that give none, as far as is known before they are read
 * @param access shares some of the clips with the executors
 */
record TrainingData(
    String place,
    String digest,
    int frames,
    Labels labels,
    List<ClipRow> clips,
    Quarantine quarantine,
    Access access) {

  /** Makes clips accessible to tasks. */
  @FunctionalInterface
  interface Access {
    ClipAccess share(JavaSparkContext spark, List<ClipRow> clips);
  }

  static TrainingData of(JobConfig config, SparkSession spark, Role role) throws IOException {
    return config.data().reading() == Reading.STORE
        ? store(PrepareStage.open(config, spark, role))
        : videos(config, spark, role);
  }

  /** A store, whole. */
  static TrainingData store(CubeStore store) {
    return new TrainingData(
        store.root().toString(),
        store.manifest().digest(),
        store.manifest().recipe().frames(),
        new Labels(store.manifest().labels()),
        store.clips(),
        Quarantine.NONE,
        (spark, clips) -> ClipAccess.ofStore(spark, store, clips));
  }

  private static TrainingData videos(JobConfig config, SparkSession spark, Role role)
      throws IOException {
    DataConfig data = config.data();
    DataConfig.Corpus settings =
        data.corpus(role)
            .orElseThrow(
                () ->
                    new DataException(
                        "data.read = videos, and data.%s.source names none"
                            .formatted(role.word())));
    Corpus corpus = PrepareStage.labelled(config, spark, settings);
    Recipe recipe = PrepareStage.recipe(config, settings, corpus);
    List<ClipRow> clips = ClipAccess.rows(corpus.videos(), recipe.clips());
    int asked = corpus.videos().size() + corpus.refused().size();
    return new TrainingData(
        settings.source(),
        "videos " + recipe.digest(),
        recipe.frames(),
        Labels.of(clips.stream()),
        clips,
        new Quarantine(asked, data.failureBudget(), corpus.refused()),
        (context, some) ->
            ClipAccess.ofVideos(
                context, PrepareStage.decoder(config, recipe), corpus.videos(), some));
  }
}
