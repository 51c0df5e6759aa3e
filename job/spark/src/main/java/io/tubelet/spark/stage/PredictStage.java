package io.tubelet.spark.stage;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.univocity.parsers.csv.CsvWriter;
import com.univocity.parsers.csv.CsvWriterSettings;
import io.tubelet.clip.FrameOrder;
import io.tubelet.spark.config.DataConfig;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.Corpus;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.CubeStore.Manifest;
import io.tubelet.spark.data.Recipe;
import io.tubelet.spark.evaluate.ClassifyJob;
import io.tubelet.spark.evaluate.PredictJob;
import io.tubelet.spark.files.DurableFile;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.files.Failure.StateException;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import scala.collection.JavaConverters;

/**
 * {@code predict}: the most probable classes of videos that have no labels. In the folder of a run
 * its own settings hold, unless others are given.
 */
final class PredictStage implements Stage {

  @Override
  public Outcome run(Run given) throws IOException {
    Run run = asTrained(given);
    JobConfig config = run.config();
    DataConfig.Corpus source =
        config
            .data()
            .unlabelled(config.predict().source())
            .orElseThrow(() -> new DataException("nothing to classify: set predict.source"));
    Run.Trained trained = run.read(run.checkpoint(config.predict().from()));
    if (trained.labels().size() == 0) {
      throw new StateException(trained.checkpoint() + " has no classifier");
    }
    Corpus corpus = PrepareStage.list(run, source).look(run.spark());
    Recipe recipe = PrepareStage.recipe(config, source, corpus);
    CubeStore none =
        new CubeStore(
            new Path(source.source()),
            new Manifest(recipe, 0, 0, 0, List.of(), List.of(), "", Map.of()),
            List.of(),
            List.of());
    Path folder = new Path(config.predict().to());
    ClassifyJob classifier =
        new ClassifyJob(trained.labels(), EvaluateStage.protocol(config, 1), FrameOrder.AS_IS);
    int written =
        new PredictJob(
                PrepareStage.decoder(config, recipe), classifier, config.predict().everySeconds())
            .write(run.inference("predict", trained.weights(), none), corpus, folder);
    Dataset<Row> table = CubeStore.read(run.session(), folder);
    Path csv = new Path(folder, PredictJob.TABLE);
    boolean done = written == 0 && csv.getFileSystem(run.hadoop()).exists(csv);
    if (!done) {
      write(run, table.coalesce(1).sortWithinPartitions("path", "start", "rank"), csv);
    }
    String message =
        "%s: %d windows of %d videos (%d quarantined)"
            .formatted(
                csv,
                table.filter("rank = 1").count(),
                corpus.videos().size() + corpus.refused().size(),
                table.filter("reason IS NOT NULL").count());
    return done ? Outcome.alreadyDone(message) : Outcome.done(message);
  }

  /** A run that was trained remembers its network, stride and sizes. */
  private static Run asTrained(Run given) throws IOException {
    Path file = given.folder().file("config.conf");
    FileSystem files = file.getFileSystem(given.hadoop());
    if (!files.exists(file)) {
      return given;
    }
    String kept = files.makeQualified(file).toString();
    List<String> changed = given.config().run().changed();
    return new Run(JobConfig.load(kept, changed, given.hadoop()), given.session());
  }

  /** As RFC 4180 has it, but lines end as on Unix. */
  private static void write(Run run, Dataset<Row> table, Path file) throws IOException {
    CsvWriterSettings settings = new CsvWriterSettings();
    settings.trimValues(false);
    DurableFile.write(
        run.hadoop(),
        file,
        out -> {
          CsvWriter csv = new CsvWriter(new OutputStreamWriter(out, UTF_8), settings);
          csv.writeHeaders(table.columns());
          table
              .toLocalIterator()
              .forEachRemaining(row -> csv.writeRow(JavaConverters.seqAsJavaList(row.toSeq())));
          csv.flush();
        });
  }
}
