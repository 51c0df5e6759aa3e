package io.tubelet.spark.stage;

import com.fasterxml.jackson.databind.JsonNode;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.spark.config.ExchangeConfig.Export;
import io.tubelet.spark.config.ExchangeConfig.Format;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.failure.StateException;
import io.tubelet.spark.round.GraphFile;
import io.tubelet.spark.run.Checkpoints;
import io.tubelet.spark.run.RunFolder;
import io.tubelet.spark.store.DurableFile;
import io.tubelet.spark.store.Json;
import io.tubelet.weights.HuggingFace;
import io.tubelet.weights.Safetensors;
import io.tubelet.weights.WeightExport;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** {@code export}: the weights of a checkpoint for other programs. */
final class ExportStage implements Stage {

  @Override
  public Outcome run(JobConfig config, SparkSession spark) throws IOException {
    Export export = config.exchange().export();
    RunFolder folder = TrainingStage.folder(config, spark);
    Path checkpoint = checkpoint(folder, export.from());
    Parameters weights = weights(folder.hadoop(), checkpoint, config.model().spec());
    Path target = new Path(export.to());
    if (export.format() == Format.DL4J) {
      DurableFile.write(
          folder.hadoop(), new Path(target, "model.zip"), out -> GraphFile.write(weights, out));
    } else {
      huggingFace(folder.hadoop(), target, weights, export, labels(folder.hadoop(), checkpoint));
    }
    return Outcome.done(
        "%s: %d tensors of %s".formatted(target, weights.layout().parameters().size(), checkpoint));
  }

  /**
   * A checkpoint by the name of its training, or by its path.
   *
   * @throws StateException if that training has none
   */
  static Path checkpoint(RunFolder folder, String from) {
    if (from.contains("/")) {
      return new Path(from);
    }
    return Choice.of(folder, from)
        .orElseThrow(
            () ->
                new StateException(
                    "no checkpoint in %s: train first, or name another"
                        .formatted(folder.file(from))));
  }

  /** The weights of any checkpoint of this configuration's network, whatever stands on it. */
  static Parameters weights(Configuration hadoop, Path checkpoint, ModelSpec model) {
    int classes = labels(hadoop, checkpoint).size();
    ModelSpec own = classes == 0 ? model : model.classifier(classes);
    return Checkpoints.weights(hadoop, checkpoint, ParameterLayout.of(own));
  }

  /** The class names of a checkpoint, in the order of its rows; none for a pretrained one. */
  static List<String> labels(Configuration hadoop, Path checkpoint) {
    Path path = new Path(checkpoint, "config.json");
    return Json.read(hadoop, path, JsonNode.class)
        .map(HuggingFace::labels)
        .orElseThrow(() -> new StateException("no " + path));
  }

  private static void huggingFace(
      Configuration hadoop, Path target, Parameters weights, Export export, List<String> labels)
      throws IOException {
    ModelSpec model = weights.layout().model();
    DurableFile.write(
        hadoop,
        new Path(target, "model.safetensors"),
        out -> {
          OutputStream buffered = new BufferedOutputStream(out);
          Safetensors.write(buffered, Map.of(), WeightExport.entries(weights, export.names()));
          buffered.flush();
        });
    Json.write(hadoop, new Path(target, "config.json"), HuggingFace.config(model, labels));
    Json.write(
        hadoop, new Path(target, "preprocessor_config.json"), HuggingFace.preprocessor(model));
  }
}
