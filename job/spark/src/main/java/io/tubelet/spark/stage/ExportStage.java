package io.tubelet.spark.stage;

import io.tubelet.spark.config.JobConfig.Export;
import io.tubelet.spark.config.JobConfig.Format;
import io.tubelet.spark.files.DurableFile;
import io.tubelet.spark.train.CheckpointFolder;
import io.tubelet.spark.train.GraphFile;
import java.io.IOException;
import org.apache.hadoop.fs.Path;

/** {@code export}: the weights of a checkpoint for other programs. */
final class ExportStage implements Stage {

  @Override
  public Outcome run(Run run) throws IOException {
    Export export = run.config().export();
    Run.Trained trained = run.read(run.checkpoint(export.from()));
    Path target = new Path(export.to());
    if (export.format() == Format.DL4J) {
      DurableFile.write(
          run.hadoop(),
          new Path(target, "model.zip"),
          out -> GraphFile.write(trained.weights(), out));
    } else {
      new CheckpointFolder(run.hadoop(), target)
          .export(trained.weights(), trained.labels().names());
    }
    int tensors = trained.weights().layout().parameters().size();
    return Outcome.done("%s: %d tensors of %s".formatted(target, tensors, trained.checkpoint()));
  }
}
