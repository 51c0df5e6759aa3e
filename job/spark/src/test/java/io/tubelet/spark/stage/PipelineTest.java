package io.tubelet.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.evaluate.Accuracy;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.report.Diagnostics;
import io.tubelet.report.HtmlReport;
import io.tubelet.report.RunReport;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.files.Failure.AccuracyException;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.train.CheckpointFolder;
import io.tubelet.spark.train.EventLog;
import io.tubelet.spark.train.Progress;
import io.tubelet.train.RoundMetrics;
import io.tubelet.train.StatePart;
import io.tubelet.train.TrainState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** All verbs one after the other on a small synthetic corpus, in this JVM. */
@TestInstance(Lifecycle.PER_CLASS)
class PipelineTest {
  @TempDir private Path folder;

  private JobConfig config(String... overrides) throws IOException {
    Path file = folder.resolve("test.conf");
    Files.writeString(
        file,
        """
        tubelet {
          run { dir = "%s", name = "a <small> run" }
          data {
            motion { size = 16, frames = 12, train-per-class = 2, test-per-class = 1, unlabelled = 20 }
            pretrain { source = motion, stride = 1 }
            train { source = motion, stride = 2 }
            test { source = motion }
            short-side = 16
            shard-clips = 8
          }
          model { size = tiny, geometry { frames = 4, height = 16, width = 16, patch = 8 } }
          masking.ratio = 0.5
          pretrain { epochs = 2, batch = 5, replicas = 2, warmup-epochs = 0, averaging.period = 2 }
          finetune { epochs = 2, batch = 5, replicas = 2, warmup-epochs = 0 }
          evaluate { clips = 2, crops = 1, batch = 4 }
          engine.name = torch
        }
        """
            .formatted(folder.resolve("run")));
    return JobConfig.load(file.toString(), List.of(overrides), new Configuration());
  }

  private Outcome run(String verb, String... overrides) throws Exception {
    return Stages.all().get(verb).run(config(overrides), LocalSpark.session());
  }

  @Test
  void goesFromVideosToAReportAndKnowsWhatIsDone() throws Exception {
    assertThat(run("pipeline").status()).isEqualTo(Outcome.Status.DONE);
    String report = Files.readString(folder.resolve("run/report.html"), StandardCharsets.UTF_8);
    assertThat(report)
        .contains("a &lt;small&gt; run")
        .contains("rotate_cw")
        .contains("data:image/png;base64,")
        .contains("with the true patch statistics", "predicted pixels only", "its even share")
        .contains("Diagnostics", "What pretrained mistakes", "model.size=")
        .contains("What unpretrained mistakes", "What published scratch mistakes")
        .contains("Worth of pretraining: ");
    assertThat(list(folder.resolve("run/reconstructions")))
        .extracting(file -> file.getFileName().toString())
        .filteredOn(name -> name.startsWith("01-"))
        .containsExactly(
            "01-masked.png",
            "01-original.png",
            "01-predicted-only.gif",
            "01-predicted-only.png",
            "01-true-statistics.gif",
            "01-true-statistics.png");
    assertThat(list(folder.resolve("run/attention")))
        .extracting(file -> file.getFileName().toString())
        .contains("00.gif", "00.png", "01.gif", "01.png");
    Path checkpoints = folder.resolve("run/pretrain/checkpoints");
    List<Path> before = list(checkpoints);
    assertThat(run("prepare").status()).isEqualTo(Outcome.Status.ALREADY_DONE);
    assertThat(run("pretrain").status()).isEqualTo(Outcome.Status.ALREADY_DONE);
    assertThat(run("finetune").status()).isEqualTo(Outcome.Status.ALREADY_DONE);
    assertThat(list(checkpoints)).isEqualTo(before);
    assertThat(run("evaluate").status()).isEqualTo(Outcome.Status.ALREADY_DONE);
    assertThatThrownBy(() -> run("evaluate", "evaluate.least-top1=1"))
        .isInstanceOf(AccuracyException.class)
        .hasMessageMatching("top-1 of finetune is .*, evaluate.least-top1 wants 100.0 %");
    assertThat(run("evaluate", "evaluate.controls=[shuffled, single]").message())
        .contains(
            "of 10 videos (of 10 asked for, 0 quarantined)",
            "finetune-shuffled: top-1",
            "unpretrained: top-1",
            "scratch-single",
            "Worth of pretraining: ");
    assertThat(folder.resolve("run/evaluation/finetune-single.json"))
        .content()
        .contains("\"low\"", "\"per_class\"", "\"rotate_cw\" :");
  }

  @Test
  void comparesWithTheNetworkThatPretrainingStartsFrom() throws Exception {
    run("prepare");
    String[] settings = {
      "run.dir=" + folder.resolve("drawn"),
      store(),
      "finetune.from=scratch",
      "finetune.init=xavier",
      "finetune.learning-rate=1e-30",
      "finetune.floor=0",
    };
    run("finetune", settings);
    assertThat(folder.resolve("drawn/scratch")).doesNotExist();
    ModelSpec pretraining = config().model().spec();
    Parameters drawn = Parameters.draw(ParameterLayout.of(pretraining), 0);
    List<Path> checkpoints = list(folder.resolve("drawn/unpretrained/checkpoints"));
    Parameters kept =
        new CheckpointFolder(
                new Configuration(), new org.apache.hadoop.fs.Path(checkpoints.get(0).toUri()))
            .read(ParameterLayout.of(pretraining.classifier(10)), List.of(StatePart.WEIGHTS))
            .get(StatePart.WEIGHTS);
    String weight = "videomae.encoder.layer.1.intermediate.dense.weight";
    assertThat(kept.get(weight)).isEqualTo(drawn.get(weight));
  }

  @Test
  void saysOneAccuracyEverywhereAlsoInBf16WithTies() throws Exception {
    run("prepare");
    String[] settings = {
      "run.dir=" + folder.resolve("tied"),
      store(),
      "finetune.from=scratch",
      "finetune.epochs=1",
      "engine.name=torch",
      "engine.precision=bf16",
      "evaluate.controls=[single]",
    };
    run("finetune", settings);
    Run tied = new Run(config(settings), LocalSpark.session());
    Run.Trained trained = tied.read(tied.checkpoint("scratch"));
    float[] head = trained.weights().get("classifier.weight");
    int dim = head.length / trained.labels().size();
    RandomGenerator random = new SplittableRandom(4);
    for (int at = 0; at < head.length; at++) { // equal rows for each pair of classes
      head[at] = at / dim % 2 == 0 ? (float) random.nextGaussian() : head[at - dim];
    }
    float[] bias = trained.weights().get("classifier.bias");
    Arrays.fill(bias, 0);
    Arrays.fill(bias, 0, 2, 9); // one video at least is of the likeliest pair, on any processor
    Progress progress = new Progress("tied", 1, 1, true);
    tied.chosen("scratch")
        .save(TrainState.start(trained.weights()), progress, trained.labels().names(), 1);

    Outcome evaluated = run("evaluate", settings);
    ReportResults results = new ReportResults(tied.folder());
    Accuracy accuracy = results.evaluated("scratch").orElseThrow().accuracy();
    int right = 0;
    for (int k = 0; k < 10; k++) {
      right += accuracy.confusion()[k][k];
      assertThat(accuracy.confusion()[k][1]).isZero(); // the first of equals
    }
    assertThat(accuracy.top1()).isEqualTo(right).isPositive();
    String figure = "%.1f".formatted(100.0 * right / 10);
    RunReport report = ReportStage.report(tied);
    assertThat(evaluated.message()).startsWith("scratch: top-1 " + figure + " %");
    assertThat(report.cover().summary()).contains("top-1 " + figure + " %");
    assertThat(results.table().orElseThrow().tables().get(0).rows().get(0)).contains(figure);
    assertThat(HtmlReport.render(report)).contains("<strong>" + figure + "\u00a0%</strong>");
    assertThat(report.part(Diagnostics.class).orElseThrow().checks())
        .filteredOn(check -> check.name().equals("Accuracy"))
        .singleElement()
        .matches(check -> check.seen().startsWith("top-1 " + figure + "\u00a0%"));
  }

  @Test
  void selectsAmongCheckpointsAndTheirAveragesByVideosThatWereNotTrainedOn() throws Exception {
    run("prepare");
    String[] settings = {
      "run.dir=" + folder.resolve("chosen"),
      store(),
      "finetune.from=scratch",
      "finetune.epochs=4",
      "finetune.validation=0.5",
      "finetune.validation-epochs=1",
      "finetune.averaging.ema=0.5",
    };
    assertThat(run("finetune", settings).message()).contains("4 epochs of 10 clips");
    Path training = folder.resolve("chosen/scratch");
    List<RoundMetrics> ends =
        EventLog.read(
                new Configuration(),
                new org.apache.hadoop.fs.Path(training.resolve("events.jsonl").toUri()))
            .stream()
            .filter(round -> round.validation() != null)
            .toList();
    assertThat(ends).hasSize(4);
    RoundMetrics best =
        Collections.max(
            ends, Comparator.comparing(RoundMetrics::validation).thenComparing(RoundMetrics::step));
    assertThat(list(training.resolve("chosen")))
        .containsExactly(training.resolve("chosen/step-%08d".formatted(best.step())));
    assertThat(run("finetune", settings).status()).isEqualTo(Outcome.Status.ALREADY_DONE);
    assertThat(run("evaluate", settings).message()).contains("of 10 videos");
    assertThat(folder.resolve("chosen/evaluation/scratch.json"))
        .content()
        .contains("scratch/chosen");
    // without held-out videos: the last moving average, which is not the last weights
    settings[0] = "run.dir=" + folder.resolve("averaged");
    settings[4] = "finetune.validation=0";
    run("finetune", settings);
    training = folder.resolve("averaged/scratch");
    Path average = list(training.resolve("chosen")).get(0).resolve("model.safetensors");
    List<Path> checkpoints = list(training.resolve("checkpoints"));
    assertThat(checkpoints.get(checkpoints.size() - 1).resolve("model.safetensors"))
        .hasSize(Files.size(average))
        .satisfies(last -> assertThat(Files.mismatch(last, average)).isPositive());
  }

  private Dataset<Row> features(String corpus) {
    return LocalSpark.session()
        .read()
        .parquet(folder.resolve("run/features/" + corpus) + "/part-*.parquet");
  }

  @Test
  void embedsEveryClipOnceAndProbesTheSameFeatures() throws Exception {
    run("prepare");
    run("pretrain");
    assertThat(run("probe").message()).contains("linear-probe: top-1", "of 10 videos");
    Dataset<Row> test = features("test-mean");
    assertThat(test.count()).isEqualTo(test.select("id").distinct().count()).isEqualTo(20);
    assertThat(test.select("label").distinct().count()).isEqualTo(10);
    assertThat(test.filter("size(features) = 48").count()).isEqualTo(20);
    List<Path> whole = list(folder.resolve("run/features/test-mean"));
    Path part = whole.stream().filter(f -> f.toString().endsWith(".parquet")).findFirst().get();
    byte[] bytes = Files.readAllBytes(part);
    // as if killed before this part was renamed into its place
    Files.delete(part);
    Files.createFile(part.resolveSibling("part-00009-ffffffffffff.parquet")); // of other weights
    assertThat(run("embed").status()).isEqualTo(Outcome.Status.DONE);
    assertThat(list(part.getParent())).isEqualTo(whole);
    assertThat(part).hasBinaryContent(bytes);
    assertThat(run("embed").status()).isEqualTo(Outcome.Status.ALREADY_DONE);

    run("report");
    assertThat(folder.resolve("run/report.html"))
        .content()
        .contains("All evaluations", "linear-probe");
  }

  private static List<Path> list(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  @Test
  void pretrainsByMocoV3AndGoesOnToTheSameWeights() throws Exception {
    run("prepare");
    for (String averaged : List.of("gradients", "parameters")) {
      Path own = folder.resolve("moco-" + averaged);
      String[] settings = {
        "run.dir=" + own,
        store(),
        "engine.name=torch",
        "training.checkpoint.keep=9",
        "pretrain.kind=moco-v3",
        "pretrain.moco.hidden=16",
        "pretrain.averaging.of=" + averaged,
        "finetune.compare=[]",
      };
      run("pretrain", settings);
      List<Path> all = list(own.resolve("pretrain/checkpoints"));
      Path last = all.get(all.size() - 1);
      byte[] weights = Files.readAllBytes(last.resolve("model.safetensors"));
      byte[] moments = Files.readAllBytes(last.resolve("optimizer.safetensors"));
      Files.delete(last.resolve("state.json")); // as if killed while it was written
      run("pretrain", settings);
      assertThat(last.resolve("model.safetensors")).hasBinaryContent(weights);
      assertThat(last.resolve("optimizer.safetensors")).hasBinaryContent(moments);
      assertThat(new String(weights, StandardCharsets.ISO_8859_1))
          .contains("momentum.videomae.encoder.layer.0.output.dense.weight");
      if (averaged.equals("gradients")) { // nothing behind it cares
        assertThat(run("pipeline", settings).status()).isEqualTo(Outcome.Status.DONE);
        assertThat(run("probe", settings).message()).contains("linear-probe: top-1");
        assertThat(run("reconstruct", settings).message())
            .isEqualTo("MoCo v3 reconstructs nothing");
        assertThat(own.resolve("report.html")).content().contains("MoCo v3 finds a clip");
      }
    }
  }

  private String store() {
    return "data.store=" + folder.resolve("run/store");
  }

  @Test
  void refusesToGoOnWithOtherSettings() throws Exception {
    run("prepare");
    String dir = "run.dir=" + folder.resolve("other");
    run("pretrain", dir, store());
    assertThatThrownBy(() -> run("pretrain", dir, store(), "pretrain.batch=4"))
        .isInstanceOf(StateException.class)
        .hasMessageContaining("other settings");
    assertThatThrownBy(() -> run("prepare", "data.short-side=20"))
        .isInstanceOf(StateException.class)
        .hasMessageContaining("prepared with other settings: data.short-side 16 (now 20);");
  }

  @Test
  void wantsTheLabelsThatChangePlacesToBeThere() throws Exception {
    run("prepare");
    String turned = "finetune.augmentation.flips=[{axis=rows,swaps=[[up,dwon]]}]";
    assertThatThrownBy(() -> run("finetune", "finetune.from=scratch", turned))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no clip has the label 'dwon'; there are [down,");
  }

  @Test
  void saysWhatIsMissingBeforeEachVerb() {
    String[] empty = {"run.dir=" + folder.resolve("empty")};
    for (String verb : List.of("pretrain", "finetune")) {
      assertThatThrownBy(() -> run(verb, empty))
          .isInstanceOf(StateException.class)
          .hasMessageContaining("run `prepare` first");
    }
    assertThatThrownBy(() -> run("evaluate", empty))
        .isInstanceOf(StateException.class)
        .hasMessageContaining("run `finetune` first");
    assertThatThrownBy(() -> run("reconstruct", empty))
        .isInstanceOf(StateException.class)
        .hasMessageContaining("run `pretrain` first");
  }
}
