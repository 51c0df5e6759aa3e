package io.tubelet.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.abort;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.engine.Fixture;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.model.Transformer;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.train.Checkpoints;
import io.tubelet.spark.train.Progress;
import io.tubelet.train.TrainState;
import io.tubelet.video.motion.MotionSet;
import io.tubelet.video.motion.SyntheticSet;
import io.tubelet.weights.OfficialFile;
import io.tubelet.weights.Safetensors;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights out of a run, into other programs, and back. */
class ExchangeTest {
  private static final ModelSpec MODEL =
      ModelSize.TINY.pretraining(new ClipGeometry(4, 16, 16, 2, 8));

  @TempDir private Path folder;

  private Outcome run(String verb, String dir, ModelSpec model, String... more) throws Exception {
    List<String> settings = new ArrayList<>(List.of(more));
    settings.add("run.dir=" + folder.resolve(dir));
    settings.addAll(network(model));
    JobConfig config = JobConfig.load("", settings, new Configuration());
    return Stages.all().get(verb).run(config, LocalSpark.session());
  }

  private static List<String> network(ModelSpec model) {
    ClipGeometry clip = model.geometry();
    Transformer encoder = model.encoder();
    return List.of(
        "model.size=tiny",
        "model.geometry.frames=" + clip.frames(),
        "model.geometry.height=" + clip.height(),
        "model.geometry.width=" + clip.width(),
        "model.geometry.patch=" + clip.patch(),
        "model.encoder.dim=" + encoder.dim(),
        "model.encoder.depth=" + encoder.depth(),
        "model.encoder.heads=" + encoder.heads(),
        "masking.ratio=0.5");
  }

  private void checkpoint(String training, Parameters weights, List<String> labels)
      throws IOException {
    Path root = folder.resolve("run/" + training + "/checkpoints");
    new Checkpoints(new Configuration(), new org.apache.hadoop.fs.Path(root.toUri()))
        .save(TrainState.start(weights), new Progress("s", 1, 1, true), labels, 1);
  }

  private Path saved(String dir, String training) {
    return folder.resolve(dir + "/" + training + "/checkpoints/step-00000000/model.safetensors");
  }

  @Test
  void anIndependentReaderComputesTheGoldenOutputs() throws Exception {
    List<Fixture> fixtures = new ArrayList<>(Fixture.all("pretrain"));
    fixtures.addAll(Fixture.all("classification"));
    requirePython();
    for (Fixture fixture : fixtures) {
      String training = fixture.meta("kind").equals("pretrain") ? "pretrain" : "finetune";
      checkpoint(training, fixture.parameters("weight."), List.of("a", "b", "c", "d", "e"));
      run("export", "run", fixture.model(), "export.from=" + training);
      Path script = Path.of(getClass().getResource("/read_export.py").toURI());
      Path golden = Path.of(System.getProperty("tubelet.fixtures"), fixture.toString());
      String said = python(script.toString(), folder.resolve("run/export").toString(), golden + "");
      assertThat(Double.parseDouble(said.strip())).as(said).isCloseTo(0, within(1e-5));
    }
  }

  private static void requirePython() throws InterruptedException {
    try {
      python("-c", "print(1)");
    } catch (IOException e) {
      String reason = "skipped: no python3 on this machine";
      System.out.println(reason);
      abort(reason);
    }
  }

  private static String python(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("python3"));
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }

  private static Parameters drawn(ModelSpec model) {
    return Parameters.draw(ParameterLayout.of(model), 3);
  }

  @Test
  void importsItsOwnExportToTheSameBits() throws Exception {
    checkpoint("pretrain", drawn(MODEL), List.of());
    run("export", "run", MODEL, "export.from=pretrain");
    String from = "import.from=" + folder.resolve("run/export");
    assertThat(run("import", "other", MODEL, from).message())
        .contains(" loaded, 0 initialised, 0 passed over");
    assertThat(saved("other", "pretrain")).hasSameBinaryContentAs(saved("run", "pretrain"));
    // again is the same; over what was trained here is not
    run("import", "other", MODEL, from);
    assertThatThrownBy(() -> run("import", "run", MODEL, from))
        .isInstanceOf(StateException.class)
        .hasMessageContaining("was trained in this run");
  }

  @Test
  void importsAClassifierWithItsLabels() throws Exception {
    ModelSpec classifier = MODEL.classifier(2);
    checkpoint("finetune", drawn(classifier), List.of("wave", "walk"));
    run("export", "run", MODEL);
    run("import", "other", MODEL, "import.from=" + folder.resolve("run/export"));
    assertThat(saved("other", "finetune")).hasSameBinaryContentAs(saved("run", "finetune"));
    assertThat(Files.readString(saved("other", "finetune").resolveSibling("config.json")))
        .contains("\"0\" : \"wave\"");
  }

  @Test
  void dl4jRestoresTheExportedGraph() throws Exception {
    ModelSpec classifier = MODEL.classifier(2);
    checkpoint("finetune", drawn(classifier), List.of("wave", "walk"));
    run("export", "run", MODEL, "export.format=dl4j");
    ComputationGraph graph =
        ModelSerializer.restoreComputationGraph(
            folder.resolve("run/export/model.zip").toFile(), false);
    float[] flat = graph.params().toFloatVector();
    Parameters weights = drawn(classifier);
    int at = 0;
    for (int i = 0; i < weights.layout().parameters().size(); i++) {
      for (float value : weights.get(i)) {
        assertThat(flat[at++]).isEqualTo(value);
      }
    }
    assertThat(at).isEqualTo(flat.length);
    graph.close();
  }

  @Test
  void saysWhatIsInTheWayOfAnImport() throws Exception {
    assertThatThrownBy(() -> run("import", "other", MODEL))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("import.from");
    assertThatThrownBy(() -> run("import", "other", MODEL, "import.from=" + folder.resolve("no")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no such file");
    checkpoint("pretrain", drawn(MODEL), List.of());
    run("export", "run", MODEL, "export.from=pretrain");
    ModelSpec deeper = new ModelSpec(MODEL.geometry(), new Transformer(48, 3, 3, 4), MODEL.task());
    String from = "import.from=" + folder.resolve("run/export");
    assertThatThrownBy(() -> run("import", "other", deeper, from))
        .isInstanceOf(StateException.class)
        .hasMessageContaining("15 initialised")
        .hasMessageContaining("import.txt");
    assertThat(Files.readString(folder.resolve("other/import.txt")))
        .startsWith("initialised videomae.encoder.layer.2.layernorm_before.weight");
  }

  @Test
  void refusesWeightsThatWouldComputeAnotherFunction() throws Exception {
    checkpoint("pretrain", drawn(MODEL), List.of());
    run("export", "run", MODEL, "export.from=pretrain");
    String from = "import.from=" + folder.resolve("run/export");
    ModelSpec heads = new ModelSpec(MODEL.geometry(), new Transformer(48, 2, 6, 4), MODEL.task());
    assertThatThrownBy(() -> run("import", "other", heads, from))
        .isInstanceOf(StateException.class)
        .hasMessageContaining("config.json would compute another function here: num_attention_")
        .hasMessageContaining("set it to 3");
    checkpoint("finetune", drawn(MODEL.classifier(2)), List.of("wave", "walk"));
    run("export", "run", MODEL);
    Path config = folder.resolve("run/export/config.json");
    String pooled = Files.readString(config);
    Files.writeString(config, pooled.replaceFirst("(\"use_mean_pooling\" ?: ?)true", "$1false"));
    assertThatThrownBy(() -> run("import", "other", MODEL, from))
        .isInstanceOf(StateException.class)
        .hasMessageContaining("token 0");
  }

  private Path official(Parameters weights) throws IOException {
    Path file = folder.resolve("official.safetensors");
    List<Safetensors.Entry> entries = new ArrayList<>();
    OfficialFile.of(weights)
        .forEach((key, t) -> entries.add(new Safetensors.Entry(key, t.shape(), t::floats)));
    try (OutputStream out = Files.newOutputStream(file)) {
      Safetensors.write(out, Map.of(), entries);
    }
    return file;
  }

  private static Parameters first(Path from, ModelSpec model, String... labels) {
    return WeightFiles.open(new Configuration(), new org.apache.hadoop.fs.Path(from.toUri()))
        .weights(model, new Labels(List.of(labels)), 7);
  }

  @Test
  void importsAnEncoderOfPicturesAsAPretraining() throws Exception {
    Parameters own = drawn(MODEL);
    Path vit = Files.createDirectories(folder.resolve("vit"));
    Files.writeString(vit.resolve("config.json"), "{\"decoder_num_attention_heads\": 16}");
    List<Safetensors.Entry> entries = new ArrayList<>();
    entries.add(
        new Safetensors.Entry("classifier.weight", List.of(2, 48), () -> new float[2 * 48]));
    for (Parameter p : own.layout().parameters()) {
      String name = p.name().replaceFirst("^videomae", "vit").replaceAll("([qv])_b", "$1.b");
      name = name.replace(".q.", ".query.").replace(".v.", ".value.");
      boolean kernel = p.shape().size() == 5;
      List<Integer> shape = kernel ? List.of(48, 3, 8, 8) : p.shape();
      float[] values = Arrays.copyOf(own.get(p.name()), kernel ? 48 * 3 * 64 : p.size());
      entries.add(new Safetensors.Entry(name, shape, () -> values));
    }
    try (OutputStream out = Files.newOutputStream(vit.resolve("model.safetensors"))) {
      Safetensors.write(out, Map.of(), entries);
    }
    run("import", "pictures", MODEL, "import.from=" + vit);
    Parameters started = first(saved("pictures", "pretrain").getParent(), MODEL);
    String block = "videomae.encoder.layer.1.attention.attention.v_bias";
    String patches = "videomae.embeddings.patch_embeddings.projection.weight";
    assertThat(started.get(block)).isEqualTo(own.get(block));
    assertThat(started.get(patches)[64]).isEqualTo(own.get(patches)[0] / 2); // of frame 1
    assertThat(first(vit, MODEL.classifier(3), "x", "y", "z").get(patches))
        .isEqualTo(started.get(patches));
    assertThat(Files.readString(folder.resolve("pictures/import.txt")))
        .contains("passed over classifier.weight")
        .contains("passed over decoder.decoder_layers.0.");
  }

  @Test
  void anyCheckpointStartsAFineTuningOnOtherLabels() throws Exception {
    Parameters five = drawn(MODEL.classifier(5));
    checkpoint("finetune", five, List.of("a", "b", "c", "d", "e"));
    run("export", "run", MODEL);
    Path own = saved("run", "finetune").getParent();
    Path official = official(five);
    run("import", "imported", MODEL, "import.from=" + official);
    ModelSpec longer = ModelSize.TINY.pretraining(new ClipGeometry(8, 32, 16, 2, 8)).classifier(3);
    Parameters drawn = Parameters.draw(ParameterLayout.of(longer), 7);
    Path imported = saved("imported", "finetune").getParent();
    for (Path from : List.of(own, folder.resolve("run/export"), official, imported)) {
      Parameters first = first(from, longer, "x", "y", "z");
      for (Parameter p : first.layout().parameters()) {
        Parameters of = p.name().startsWith("classifier.") ? drawn : five;
        assertThat(first.get(p.name())).as(p.name()).isEqualTo(of.get(p.name()));
      }
    }
    assertThat(first(own, MODEL.classifier(5), "a", "b", "c", "d", "e")).isEqualTo(five);
    assertThat(first(own, MODEL.classifier(5), "b", "a", "c", "d", "e")).isNotEqualTo(five);
    assertThat(first(official, MODEL.classifier(5), "0", "1", "2", "3", "4")).isEqualTo(five);
  }

  @Test
  void aClassWithoutANameIsItsNumber() throws Exception {
    MotionSet set = new MotionSet(new MotionSet.Spec(1, 16, 12), new MotionSet.Counts(0, 0, 20));
    for (SyntheticSet.Item item : set.items()) { // labels 0 to 7 have two videos, 8 to 11 one
      Path label = Files.createDirectories(folder.resolve("videos/" + item.index() % 12));
      Files.write(label.resolve(item.index() + ".mp4"), set.file(item));
    }
    Parameters twelve = drawn(MODEL.classifier(12));
    Arrays.fill(twelve.get("classifier.weight"), 0);
    twelve.get("classifier.bias")[2] = 2;
    twelve.get("classifier.bias")[10] = 1;
    Path file = official(twelve);
    String[] settings = {
      "data.isolation=thread",
      "data.short-side=16",
      "data.train.source=" + folder.resolve("videos"),
      "data.test.source=" + folder.resolve("videos"),
      "data.train.stride=1",
      "evaluate.clips=1",
      "evaluate.crops=1",
      "finetune.from=" + file,
      "finetune.epochs=1",
      "finetune.warmup-epochs=0",
      "finetune.compare=[]",
    };
    run("prepare", "scored", MODEL, settings);
    assertThat(run("evaluate", "scored", MODEL, settings).message())
        .contains("top-1 10.0 %", "top-3 25.0 % of 20 videos");
    run("finetune", "scored", MODEL, settings);
    assertThat(run("evaluate", "scored", MODEL, settings).message()).contains("of 20 videos");
    run("import", "other", MODEL, "import.from=" + file);
    settings[0] = "data.store=" + folder.resolve("scored/store");
    assertThat(run("evaluate", "other", MODEL, settings).message())
        .contains("top-1 10.0 %", "top-3 25.0 % of 20 videos");
  }
}
