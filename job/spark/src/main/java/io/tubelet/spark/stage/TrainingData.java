package io.tubelet.spark.stage;

import io.tubelet.spark.config.DataConfig;
import io.tubelet.spark.config.DataConfig.Reading;
import io.tubelet.spark.config.DataConfig.Role;
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
import java.util.function.BiFunction;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * What a training reads: a store, or videos.
 *
 * @param digest of all that decides its clips
 * @param labels the classes; none in pretraining, which learns from what it hides
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
    BiFunction<JavaSparkContext, List<ClipRow>, ClipAccess> access) {

  static TrainingData of(Run run, Role role) throws IOException {
    if (run.config().data().reading() == Reading.VIDEOS) {
      return videos(run, role);
    }
    CubeStore store = run.store(role);
    List<String> labels = role == Role.PRETRAIN ? List.of() : store.manifest().labels();
    return of(store, store.manifest().digest(), new Labels(labels));
  }

  static TrainingData of(CubeStore store, String digest, Labels labels) {
    return new TrainingData(
        store.root().toString(),
        digest,
        store.manifest().recipe().frames(),
        labels,
        store.clips(),
        Quarantine.NONE,
        (spark, clips) -> ClipAccess.ofStore(spark, store, clips));
  }

  private static TrainingData videos(Run run, Role role) throws IOException {
    DataConfig data = run.config().data();
    DataConfig.Corpus settings =
        data.corpus(role)
            .orElseThrow(
                () ->
                    new DataException(
                        "data.read = videos, and data.%s.source names none"
                            .formatted(role.word())));
    Corpus corpus = PrepareStage.labelled(run, settings);
    Recipe recipe = PrepareStage.recipe(run.config(), settings, corpus);
    List<ClipRow> clips = ClipAccess.rows(corpus.videos(), recipe.clips());
    int asked = corpus.videos().size() + corpus.refused().size();
    return new TrainingData(
        settings.source(),
        "videos " + recipe.digest(),
        recipe.frames(),
        role == Role.PRETRAIN ? new Labels(List.of()) : Labels.of(clips.stream()),
        clips,
        new Quarantine(asked, data.failureBudget(), corpus.refused()),
        (context, some) ->
            ClipAccess.ofVideos(
                context, PrepareStage.decoder(run.config(), recipe), corpus.videos(), some));
  }
}
