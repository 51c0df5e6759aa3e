package io.tubelet.spark.stage;

import com.fasterxml.jackson.databind.JsonNode;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.failure.DataException;
import io.tubelet.spark.failure.StateException;
import io.tubelet.spark.run.Checkpoints;
import io.tubelet.spark.run.Progress;
import io.tubelet.spark.run.RunFolder;
import io.tubelet.spark.store.Json;
import io.tubelet.training.TrainState;
import io.tubelet.weights.ConfigComparison;
import io.tubelet.weights.HuggingFace;
import io.tubelet.weights.LoadReport;
import io.tubelet.weights.Safetensors;
import io.tubelet.weights.WeightImport;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * {@code import}: weights of Hugging Face's or the official names become the checkpoint of this
 * run's pretraining or, if they have a classifier, of its fine-tuning.
 */
final class ImportStage implements Stage {
  /** What stands where a trained checkpoint has the digest of its settings. */
  private static final String SETTINGS = "imported";

  @Override
  public Outcome run(JobConfig config, SparkSession spark) throws IOException {
    RunFolder folder = TrainingStage.folder(config, spark);
    Source source = Source.open(folder.hadoop(), config.exchange().source());
    int classes = source.classes();
    ModelSpec pretrained = config.model().spec();
    ModelSpec model = classes == 0 ? pretrained : pretrained.classifier(classes);
    source.config().ifPresent(json -> compare(json, model, source.root));
    WeightImport weights = new WeightImport(ParameterLayout.of(model));
    source.read(weights);
    LoadReport report = weights.report();
    folder.write("import.txt", report.text().getBytes(StandardCharsets.UTF_8));
    if (!report.usable()) {
      throw new StateException(
          "%s does not fit the network: %s; %s lists all keys"
              .formatted(source.root, report.summary(), folder.file("import.txt")));
    }
    Checkpoints target =
        folder.checkpoints(classes == 0 ? PretrainStage.NAME : FinetuneStage.PRETRAINED);
    requireOwn(target, model);
    TrainState state = TrainState.start(weights.weights(config.run().seed()));
    List<String> labels = source.config().map(HuggingFace::labels).orElse(List.of());
    Path saved = target.save(state, new Progress(SETTINGS, 0, 0, true), labels, 1);
    return Outcome.done("%s: %s".formatted(saved, report.summary()));
  }

  private static void compare(JsonNode json, ModelSpec model, Path where) {
    ConfigComparison comparison = new ConfigComparison(json, model);
    comparison.notes().forEach(note -> System.out.printf("import: %s: %s%n", where, note));
    if (!comparison.obstacles().isEmpty()) {
      throw new StateException(where + ": " + String.join("; ", comparison.obstacles()));
    }
  }

  /** What was trained here is not written over. */
  private static void requireOwn(Checkpoints target, ModelSpec model) {
    target
        .latest(model)
        .filter(loaded -> !loaded.progress().settings().equals(SETTINGS))
        .ifPresent(
            loaded -> {
              throw new StateException(
                  "%s was trained in this run; import into another run.dir"
                      .formatted(loaded.path()));
            });
  }

  /**
   * Files of weights, and the folder they lie in.
   *
   * @param files all parts of the weights
   * @param shapes of all their tensors
   */
  private record Source(
      Configuration hadoop, Path root, List<Path> files, Map<String, List<Integer>> shapes) {

    static Source open(Configuration hadoop, String from) throws IOException {
      if (from.isEmpty()) {
        throw new DataException("nothing to import: set import.from");
      }
      Path path = new Path(from);
      FileSystem system = path.getFileSystem(hadoop);
      if (!system.exists(path)) {
        throw new DataException("no such file or folder: " + path);
      }
      boolean folder = system.getFileStatus(path).isDirectory();
      List<Path> files = new ArrayList<>();
      for (FileStatus status : folder ? system.listStatus(path) : new FileStatus[0]) {
        if (status.getPath().getName().endsWith(".safetensors")) {
          files.add(status.getPath());
        }
      }
      files = folder ? files.stream().sorted().toList() : List.of(path);
      if (files.isEmpty()) {
        throw new DataException("no .safetensors file in " + path);
      }
      Source source =
          new Source(hadoop, folder ? path : path.getParent(), files, new LinkedHashMap<>());
      source.each(in -> source.shapes.putAll(Safetensors.shapes(in)));
      return source;
    }

    /** Rows of the classifier; 0 if there is none. */
    int classes() {
      List<Integer> weight =
          shapes.getOrDefault("classifier.weight", shapes.getOrDefault("head.weight", List.of(0)));
      return weight.get(0);
    }

    Optional<JsonNode> config() {
      return Json.read(hadoop, new Path(root, "config.json"), JsonNode.class);
    }

    void read(WeightImport weights) {
      each(in -> Safetensors.read(in, weights::accept));
    }

    private interface Use {
      void of(InputStream in) throws IOException;
    }

    private void each(Use use) {
      for (Path file : files) {
        try (InputStream in = new BufferedInputStream(file.getFileSystem(hadoop).open(file))) {
          use.of(in);
        } catch (IOException | IllegalArgumentException e) {
          throw new StateException("cannot read %s: %s".formatted(file, e.getMessage()), e);
        }
      }
    }
  }
}
