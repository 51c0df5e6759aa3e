package io.tubelet.spark.stage;

import io.tubelet.spark.data.Labels;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.train.CheckpointFolder;
import io.tubelet.spark.train.Checkpoints;
import io.tubelet.spark.train.Progress;
import io.tubelet.spark.train.RunFolder;
import io.tubelet.train.TrainState;
import io.tubelet.weights.WeightImport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * {@code import}: weights of Hugging Face's or the official names become the checkpoint of this
 * run's pretraining or, if they have a classifier, of its fine-tuning. {@code import.txt} says of
 * each tensor what became of it.
 */
final class ImportStage implements Stage {
  /** The digest of settings in the checkpoint of imported weights. */
  private static final String SETTINGS = "imported";

  @Override
  public Outcome run(Run run) throws IOException {
    String from = run.config().importFrom();
    if (from.isEmpty()) {
      throw new DataException("nothing to import: set import.from");
    }
    WeightFiles source = WeightFiles.open(run.hadoop(), new Path(from));
    Labels labels = source.labels();
    WeightImport weights = source.read(run.network(labels.size()), labels);
    RunFolder folder = run.folder();
    folder.write("import.txt", weights.text().getBytes(StandardCharsets.UTF_8));
    if (!weights.usable()) {
      throw new StateException(
          "%s does not fit the network: %s; %s lists all keys"
              .formatted(source.from(), weights.summary(), folder.file("import.txt")));
    }
    Checkpoints target =
        folder.checkpoints(labels.size() == 0 ? PretrainStage.NAME : FinetuneStage.PRETRAINED);
    requireOwn(run.hadoop(), target);
    TrainState state = TrainState.start(weights.weights(run.config().run().seed()));
    Path saved = target.save(state, new Progress(SETTINGS, 0, 0, true), labels.names(), 1);
    return Outcome.done("%s: %s".formatted(saved, weights.summary()));
  }

  /** What was trained here is not written over. */
  private static void requireOwn(Configuration hadoop, Checkpoints target) {
    target
        .newest()
        .filter(
            path ->
                !new CheckpointFolder(hadoop, path).state().progress().settings().equals(SETTINGS))
        .ifPresent(
            path -> {
              throw new StateException(
                  "%s was trained in this run; import into another run.dir".formatted(path));
            });
  }
}
