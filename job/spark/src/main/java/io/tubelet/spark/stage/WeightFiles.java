package io.tubelet.spark.stage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.model.Task;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.files.DurableFile;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.files.Json;
import io.tubelet.spark.train.CheckpointFolder;
import io.tubelet.spark.train.Checkpoints;
import io.tubelet.spark.train.Dl4jMaster;
import io.tubelet.spark.train.Progress;
import io.tubelet.spark.train.RunFolder;
import io.tubelet.train.TrainState;
import io.tubelet.weights.HuggingFace;
import io.tubelet.weights.Safetensors;
import io.tubelet.weights.WeightImport;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Weights of any origin: a checkpoint of ours, Hugging Face's files, or a file of official names;
 * {@code export} and {@code import} of them.
 *
 * @param files with the parts of the weights
 * @param config what {@code config.json} says; nothing without the file
 */
record WeightFiles(Configuration hadoop, Path from, List<Path> files, JsonNode config) {

  private static final String CONFIG = "config.json";

  /** The digest of settings in the checkpoint of imported weights. */
  private static final String IMPORTED = "imported";

  private interface Use {
    void of(Path file, DigestInputStream in) throws IOException;
  }

  /** {@code export}: the weights of a checkpoint for other programs. */
  static Outcome export(Run run) throws IOException {
    JobConfig.Export export = run.config().export();
    Run.Trained trained = run.read(run.checkpoint(export.from()));
    Path target = new Path(export.to());
    if (export.format() == JobConfig.Format.DL4J) {
      if (trained.weights().layout().model().task() instanceof Task.Contrastive) {
        throw new DataException("DL4J has no MoCo v3 here; export.format = hf has");
      }
      DurableFile.write(
          run.hadoop(),
          new Path(target, "model.zip"),
          out -> Dl4jMaster.write(trained.weights(), out));
    } else {
      new CheckpointFolder(run.hadoop(), target)
          .export(trained.weights(), trained.labels().names());
    }
    int tensors = trained.weights().layout().parameters().size();
    return Outcome.done("%s: %d tensors of %s".formatted(target, tensors, trained.checkpoint()));
  }

  /**
   * {@code import}: weights of Hugging Face's or the official names become the checkpoint of this
   * run's pretraining or, if they have a classifier, of its fine-tuning. {@code import.txt} says of
   * each tensor what became of it.
   */
  static Outcome adopt(Run run) throws IOException {
    String from = run.config().importFrom();
    if (from.isEmpty()) {
      throw new DataException("nothing to import: set import.from");
    }
    WeightFiles source = open(run.hadoop(), new Path(from));
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
        folder.checkpoints(labels.size() == 0 ? Run.PRETRAINING : FinetuneStage.PRETRAINED);
    Optional<Path> own =
        target.newest().filter(path -> !progress(run, path).settings().equals(IMPORTED));
    if (own.isPresent()) {
      throw new StateException(
          "%s was trained in this run; import into another run.dir".formatted(own.get()));
    }
    TrainState state = TrainState.start(weights.weights(run.config().run().seed()));
    Path saved = target.save(state, new Progress(IMPORTED, 0, 0, true), labels.names(), 1);
    return Outcome.done("%s: %s".formatted(saved, weights.summary()));
  }

  private static Progress progress(Run run, Path checkpoint) {
    return new CheckpointFolder(run.hadoop(), checkpoint).state().progress();
  }

  /** A folder or a file; fails if there are no weights. */
  static WeightFiles open(Configuration hadoop, Path path) {
    try {
      FileSystem system = path.getFileSystem(hadoop);
      if (!system.exists(path)) {
        throw new DataException("no such file or folder: " + path);
      }
      boolean folder = system.getFileStatus(path).isDirectory();
      List<Path> files =
          Arrays.stream(system.listStatus(path)) // a file lists itself
              .map(FileStatus::getPath)
              .filter(file -> !folder || file.getName().endsWith(".safetensors"))
              .filter(file -> !CheckpointFolder.isMoments(file.getName()))
              .sorted()
              .toList();
      if (files.isEmpty()) {
        throw new DataException(
            "no .safetensors file in %s; deploy/tools/pth_to_safetensors.py makes one of a .bin or .pth"
                .formatted(path));
      }
      Path json = new Path(files.get(0).getParent(), CONFIG);
      JsonNode config = Json.read(hadoop, json, JsonNode.class).orElse(MissingNode.getInstance());
      return new WeightFiles(hadoop, path, files, config);
    } catch (IOException e) {
      throw new StateException("cannot read %s: %s".formatted(path, e.getMessage()), e);
    }
  }

  private Map<String, List<Integer>> shapes() {
    Map<String, List<Integer>> shapes = new HashMap<>();
    each((file, in) -> shapes.putAll(Safetensors.shapes(in)));
    return shapes;
  }

  boolean detects() {
    return HuggingFace.detects(config);
  }

  /** The classes, in the order of the classifier's rows; none without a classifier of videos. */
  Labels labels() {
    return labels(shapes());
  }

  private Labels labels(Map<String, List<Integer>> shapes) {
    boolean pictures = WeightImport.ofPictures(shapes);
    int classes =
        shapes.entrySet().stream()
            .filter(e -> !pictures && WeightImport.names(e.getKey()).contains("classifier.weight"))
            .mapToInt(e -> e.getValue().get(0))
            .findFirst()
            .orElse(0);
    return new Labels(HuggingFace.labels(config, classes));
  }

  /**
   * What a network takes of them. The classifier stays if it is one of these labels.
   *
   * @throws StateException if the network would compute another function, or a file is damaged
   */
  WeightImport read(ModelSpec model, Labels labels) {
    Path folder = files.get(0).getParent();
    Map<String, List<Integer>> shapes = shapes();
    boolean pictures = WeightImport.ofPictures(shapes);
    boolean same = !pictures && labels.equals(labels(shapes));
    List<String> obstacles = HuggingFace.obstacles(config, model, !same);
    if (!obstacles.isEmpty()) {
      throw new StateException(
          "%s would compute another function here: %s"
              .formatted(new Path(folder, CONFIG), String.join("; ", obstacles)));
    }
    Map<String, String> digests = new CheckpointFolder(hadoop, folder).digests();
    WeightImport weights = new WeightImport(ParameterLayout.of(model), same, pictures);
    each(
        (file, in) -> {
          Safetensors.read(in, weights::accept);
          in.transferTo(OutputStream.nullOutputStream());
          String digest = HexFormat.of().formatHex(in.getMessageDigest().digest());
          if (!digests.getOrDefault(file.getName(), digest).equals(digest)) {
            throw new IOException("it is damaged: its digest is not that of state.json");
          }
        });
    return weights;
  }

  /** As {@link #read}, with the rest drawn from the seed, and said; fails without this encoder. */
  Parameters weights(ModelSpec model, Labels labels, long seed) {
    WeightImport weights = read(model, labels);
    if (!weights.usable()) {
      throw new StateException(
          "%s does not fit the network: %s".formatted(from, weights.summary()));
    }
    if (!weights.whole()) {
      System.out.printf("%s: %s%n", from, weights.summary());
    }
    return weights.weights(seed);
  }

  private void each(Use use) {
    for (Path file : files) {
      try (DigestInputStream in =
          new DigestInputStream(
              new BufferedInputStream(file.getFileSystem(hadoop).open(file)),
              DigestUtils.getSha256Digest())) {
        use.of(file, in);
      } catch (IOException | IllegalArgumentException e) {
        throw new StateException("cannot read %s: %s".formatted(file, e.getMessage()), e);
      }
    }
  }
}
