package io.tubelet.spark.stage;

import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameters;
import io.tubelet.spark.config.JobConfig.Export;
import io.tubelet.spark.config.JobConfig.Format;
import io.tubelet.spark.files.DurableFile;
import io.tubelet.spark.files.Json;
import io.tubelet.spark.train.GraphFile;
import io.tubelet.weights.HuggingFace;
import io.tubelet.weights.Safetensors;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
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
      huggingFace(run.hadoop(), target, trained);
    }
    int tensors = trained.weights().layout().parameters().size();
    return Outcome.done("%s: %d tensors of %s".formatted(target, tensors, trained.checkpoint()));
  }

  private static void huggingFace(Configuration hadoop, Path target, Run.Trained trained)
      throws IOException {
    Parameters weights = trained.weights();
    ModelSpec model = weights.layout().model();
    List<Safetensors.Entry> entries =
        weights.layout().parameters().stream()
            .map(p -> new Safetensors.Entry(p.name(), p.shape(), weights.get(p.name())))
            .toList();
    DurableFile.write(
        hadoop,
        new Path(target, "model.safetensors"),
        out -> {
          OutputStream buffered = new BufferedOutputStream(out);
          Safetensors.write(buffered, Map.of(), entries);
          buffered.flush();
        });
    Json.write(
        hadoop,
        new Path(target, "config.json"),
        HuggingFace.config(model, trained.labels().names()));
    Json.write(
        hadoop, new Path(target, "preprocessor_config.json"), HuggingFace.preprocessor(model));
  }
}
