package io.tubelet.spark.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.stage.Stages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.zeppelin.display.Input;
import org.apache.zeppelin.interpreter.InterpreterResult;
import org.apache.zeppelin.interpreter.InterpreterResultMessage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every paragraph of every note, run by Spark's shell over small runs and read by Zeppelin's
 * parser.
 */
@TestInstance(Lifecycle.PER_CLASS)
class NotesTest {
  private static final Path NOTES = Path.of("../../notebooks").toAbsolutePath().normalize();

  @TempDir private static Path folder;
  private Repl repl;

  private static void make(String run, String... overrides) throws Exception {
    List<String> settings =
        new ArrayList<>(
            List.of("run.dir=" + folder.resolve(run), "data.store=" + folder.resolve("store")));
    settings.addAll(List.of(overrides));
    Path file = Files.writeString(folder.resolve("test.conf"), SETTINGS);
    JobConfig config = JobConfig.load(file.toString(), settings, new Configuration());
    for (String verb : List.of("prepare", "pretrain", "finetune", "reconstruct", "embed")) {
      Stages.all().get(verb).run(config, LocalSpark.session());
    }
  }

  private static final String SETTINGS =
      """
      tubelet {
        data {
          motion { size = 16, frames = 12, train-per-class = 1, test-per-class = 1, unlabelled = 8 }
          pretrain { source = motion, stride = 1 }
          train { source = motion, stride = 2 }
          short-side = 16
        }
        model { size = tiny, geometry { frames = 4, height = 16, width = 16, patch = 8 } }
        masking.ratio = 0.5
        pretrain { epochs = 2, batch = 4, warmup-epochs = 0 }
        finetune { epochs = 1, batch = 5, warmup-epochs = 0, compare = [] }
        embed.corpora = [train]
        engine.name = nd4j
      }
      """;

  @BeforeAll
  void makeRunsAndAShell() throws Exception {
    make("demo");
    make("other", "masking.ratio=0.75");
    repl = new Repl(Files.createDirectory(folder.resolve("classes")));
  }

  @AfterAll
  void close() {
    repl.close();
  }

  static List<Path> notes() throws IOException {
    try (Stream<Path> files = Files.list(NOTES)) {
      return files.filter(file -> file.toString().endsWith(".zpln")).sorted().toList();
    }
  }

  private static JsonNode read(Path note) throws IOException {
    return new ObjectMapper().readTree(note.toFile());
  }

  private static List<String> texts(Path note) throws IOException {
    return StreamSupport.stream(read(note).get("paragraphs").spliterator(), false)
        .map(paragraph -> paragraph.get("text").asText())
        .toList();
  }

  /** Why a paragraph is broken; empty if it runs and Zeppelin can show what it prints. */
  private Optional<String> fault(String text) {
    String interpreter = text.split("\\s", 2)[0];
    String body = text.substring(interpreter.length()).strip();
    return switch (interpreter) {
      case "%md" -> body.isEmpty() ? Optional.of("empty") : Optional.empty();
      case "%spark.conf" -> body.startsWith("spark.") ? Optional.empty() : Optional.of(body);
      case "%spark" -> spark(body);
      case "%sh" -> shell(Input.getSimpleQuery(new HashMap<>(), body, false));
      default -> Optional.of("no interpreter " + interpreter);
    };
  }

  private Optional<String> spark(String code) {
    String here =
        code.replace("run/demo", folder.resolve("demo").toString())
            .replace("run/other", folder.resolve("other").toString());
    Repl.Ran ran = repl.run(here);
    if (!ran.success()) {
      return Optional.of(ran.output());
    }
    boolean shows = code.contains("println(") || code.contains("z.show(");
    return shows ? unshown(ran.output()) : Optional.empty();
  }

  /** A line of the launcher, with what its forms say at first, must be one that it takes. */
  private static Optional<String> shell(String lines) {
    String line = lines.replaceFirst("(?s)^cd /opt/tubelet\nbin/tubelet ", "deploy/submit.sh ");
    try {
      Process process =
          new ProcessBuilder("bash", "-c", line + " --dry-run")
              .directory(NOTES.getParent().toFile())
              .redirectErrorStream(true)
              .start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 && said.contains("--class io.tubelet.spark.cli.Main")
          ? Optional.empty()
          : Optional.of(said);
    } catch (IOException | InterruptedException e) {
      return Optional.of(e.toString());
    }
  }

  private static Optional<String> unshown(String output) {
    List<InterpreterResultMessage> shown =
        new InterpreterResult(InterpreterResult.Code.SUCCESS, output)
            .message().stream()
                .filter(
                    message ->
                        message.getType() == InterpreterResult.Type.TABLE
                            || message.getType() == InterpreterResult.Type.HTML)
                .toList();
    boolean whole = shown.size() == 1 && shown.get(0).getData().strip().length() > 5;
    return whole && rectangular(shown.get(0)) ? Optional.empty() : Optional.of("shows " + output);
  }

  private static boolean rectangular(InterpreterResultMessage message) {
    return message.getType() != InterpreterResult.Type.TABLE
        || message
                .getData()
                .strip()
                .lines()
                .map(row -> row.split("\t", -1).length)
                .distinct()
                .count()
            == 1;
  }

  @ParameterizedTest
  @MethodSource("notes")
  void everyParagraphRunsAndIsShown(Path note) throws IOException {
    for (String text : texts(note)) {
      assertThat(fault(text)).as(note.getFileName() + ": " + text).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("notes")
  void isNamedAsZeppelinWantsAndHasNoOutputs(Path note) throws IOException {
    JsonNode json = read(note);
    assertThat(note.getFileName())
        .hasToString(json.get("name").asText() + "_" + json.get("id").asText() + ".zpln");
    assertThat(json.get("id").asText()).hasSize(9);
    assertThat(json.findValues("results")).allMatch(results -> results.isEmpty());
  }

  @Test
  void theNearestClipsAreThoseOfTheLargestCosine() {
    Run run = Run.open(LocalSpark.session(), folder.resolve("demo").toString());
    Dataset<Row> features = run.features("train");
    String clip = features.orderBy("id").first().getString(0);
    List<Row> nearest = run.nearest("train", clip, 4).collectAsList();
    assertThat(nearest.get(0).getString(0)).isEqualTo(clip);
    assertThat(nearest.get(0).getDouble(2)).isEqualTo(1);
    Map<String, double[]> all = new HashMap<>();
    for (Row row : features.select("id", "features").collectAsList()) {
      List<Float> values = row.getList(1);
      all.put(row.getString(0), values.stream().mapToDouble(Float::doubleValue).toArray());
    }
    double[] wanted = all.remove(clip);
    List<Double> expected =
        all.values().stream()
            .map(other -> dot(wanted, other) / Math.sqrt(dot(wanted, wanted) * dot(other, other)))
            .sorted(Comparator.reverseOrder())
            .limit(3)
            .toList();
    for (int i = 0; i < 3; i++) {
      assertThat(nearest.get(i + 1).getDouble(2)).isCloseTo(expected.get(i), within(1e-4));
    }
    assertThatThrownBy(() -> run.nearest("train", "none", 3)).hasMessageContaining("clip none");
    assertThatThrownBy(() -> run.features("test")).hasMessageContaining("run `embed` first");
  }

  private static double dot(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
  }

  @Test
  void aBrokenParagraphIsFound() {
    fault("%spark\nval run = io.tubelet.spark.notebook.Run.open(spark, \"run/demo\")");
    assertThat(fault("%spark\nprintln(run.curvs(\"pretrain\"))")).isPresent();
    assertThat(fault("%spark\nprintln(run.curves(\"probe\"))")).isPresent();
    assertThat(fault("%spark\nprintln(\"no display\")")).isPresent();
    assertThat(fault("%spark\nprintln(\"%table a\\tb\\n1\")")).isPresent();
    assertThat(fault("%sparc\n1")).isPresent();
    assertThat(fault("%sh\ncd /opt/tubelet\nbin/tubelet ${target=locale} pretrain -")).isPresent();
    assertThat(fault("%spark\nz.show(run.rounds(\"pretrain\").select(\"lost\"))")).isPresent();
    assertThat(fault("%spark\nprintln(run.curves(\"pretrain\"))")).isEmpty();
  }
}
