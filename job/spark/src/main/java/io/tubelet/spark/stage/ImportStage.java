package io.tubelet.spark.stage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.files.Json;
import io.tubelet.spark.train.Checkpoints;
import io.tubelet.spark.train.Progress;
import io.tubelet.spark.train.RunFolder;
import io.tubelet.train.TrainState;
import io.tubelet.weights.HuggingFace;
import io.tubelet.weights.Safetensors;
import io.tubelet.weights.WeightImport;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
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
    Source source = Source.open(run.hadoop(), run.config().importFrom());
    int classes = source.classes();
    ModelSpec model = run.network(classes);
    JsonNode config = source.config();
    List<String> obstacles = HuggingFace.obstacles(config, model);
    if (!obstacles.isEmpty()) {
      throw new StateException(
          "%s would compute another function here: %s"
              .formatted(source.configFile(), String.join("; ", obstacles)));
    }
    WeightImport weights = new WeightImport(ParameterLayout.of(model));
    source.each(in -> Safetensors.read(in, weights::accept));
    RunFolder folder = run.folder();
    folder.write("import.txt", weights.text().getBytes(StandardCharsets.UTF_8));
    if (!weights.usable()) {
      throw new StateException(
          "%s does not fit the network: %s; %s lists all keys"
              .formatted(source.root, weights.summary(), folder.file("import.txt")));
    }
    Checkpoints target =
        folder.checkpoints(classes == 0 ? PretrainStage.NAME : FinetuneStage.PRETRAINED);
    requireOwn(run.hadoop(), target);
    TrainState state = TrainState.start(weights.weights(run.config().run().seed()));
    Progress progress = new Progress(SETTINGS, 0, 0, true);
    Path saved = target.save(state, progress, HuggingFace.labels(config), 1);
    return Outcome.done("%s: %s".formatted(saved, weights.summary()));
  }

  /** What was trained here is not written over. */
  private static void requireOwn(Configuration hadoop, Checkpoints target) {
    target
        .newest()
        .filter(path -> !Checkpoints.progress(hadoop, path).settings().equals(SETTINGS))
        .ifPresent(
            path -> {
              throw new StateException(
                  "%s was trained in this run; import into another run.dir".formatted(path));
            });
  }

  /** Files with the parts of the weights, and their folder. */
  private record Source(Configuration hadoop, Path root, List<Path> files) {

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
      List<Path> files =
          Arrays.stream(system.listStatus(path)) // a file lists itself
              .map(FileStatus::getPath)
              .filter(file -> !folder || file.getName().endsWith(".safetensors"))
              .sorted()
              .toList();
      if (files.isEmpty()) {
        throw new DataException("no .safetensors file in " + path);
      }
      return new Source(hadoop, folder ? path : path.getParent(), files);
    }

    /** Rows of the classifier; 0 if there is none. */
    int classes() {
      Map<String, List<Integer>> shapes = new HashMap<>();
      each(in -> shapes.putAll(Safetensors.shapes(in)));
      List<Integer> official = shapes.getOrDefault("head.weight", List.of(0));
      return shapes.getOrDefault("classifier.weight", official).get(0);
    }

    Path configFile() {
      return new Path(root, "config.json");
    }

    /** What {@code config.json} says; nothing without the file. */
    JsonNode config() {
      return Json.read(hadoop, configFile(), JsonNode.class).orElse(MissingNode.getInstance());
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
