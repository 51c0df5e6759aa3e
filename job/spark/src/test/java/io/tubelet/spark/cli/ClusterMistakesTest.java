package io.tubelet.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.stage.Stages;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a user or a cluster gets wrong is one line with a code of 2 to 10, in each kind that a
 * review on real clusters found. The launcher's own refusals are in {@link SubmitScriptTest},
 * faults that no test can bring about (a lost executor, a full heap, a silent master) in {@link
 * MainTest}.
 */
class ClusterMistakesTest {
  @TempDir private static Path folder;

  /**
   * @param setting of Spark, key=value, or nothing
   * @param words the command line, of which {@code IN} is a folder
   */
  private record Mistake(int code, String says, String setting, String... words) {
    @Override
    public String toString() {
      return setting + String.join(" ", words);
    }
  }

  private static Mistake spark(String says, String setting) {
    return new Mistake(2, "Spark does not start: " + says, setting, "prepare", "run.dir=IN/run");
  }

  private static Mistake source(int code, String says, String source) {
    String pretrain = "data.pretrain.source=" + source;
    return new Mistake(code, says, "", "prepare", pretrain, "run.dir=IN/run");
  }

  static Stream<Mistake> mistakes() {
    return Stream.of(
        // A: storage that the class path or the configuration of Hadoop does not know
        source(3, "Incomplete HDFS URI", "hdfs:///videos"),
        source(3, "No FileSystem for scheme \"gs\"", "gs://bucket/videos"),
        source(2, "a library is missing, see deploy/README.md", "abfss://a@b/videos"),
        new Mistake(6, "Incomplete HDFS URI", "", "pretrain", "run.dir=hdfs:///runs/a"),
        // A, C: Spark's own settings
        spark(
            "You must specify an amount for gpu", "spark.executor.resource.gpu.discoveryScript=/x"),
        spark("", "spark.driver.resource.gpu.discoveryScript=/nowhere"),
        spark("", "spark.plugins=no.such.Plugin"),
        spark("[INVALID_DRIVER_MEMORY] System memory 300000000", "spark.testing.memory=300000000"),
        spark("File file:/nowhere", "spark.eventLog.dir=file:/nowhere"),
        // B: what an operator of a scheduler gets wrong
        new Mistake(2, "none.conf", "", "pretrain", "--config", "IN/none.conf"),
        new Mistake(2, "did you mean evaluate?", "", "evalute"),
        new Mistake(3, "nothing to prepare", "", "prepare", "run.dir=IN/run"),
        new Mistake(6, "no cube store at", "", "pretrain", "run.dir=IN/run"),
        new Mistake(3, "set predict.source", "", "predict", "run.dir=IN/run"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void isOneLineWithACodeOfItsOwn(Mistake mistake) {
    StringWriter err = new StringWriter();
    String[] words =
        Stream.of(mistake.words())
            .map(word -> word.replace("IN/", folder + "/"))
            .toArray(String[]::new);
    int code =
        Main.commands(
                Stages.all(),
                conf -> {
                  if (mistake.setting().isEmpty()) {
                    return LocalSpark.session();
                  }
                  LocalSpark.session().stop();
                  int equals = mistake.setting().indexOf('=');
                  conf.set(
                      mistake.setting().substring(0, equals),
                      mistake.setting().substring(equals + 1));
                  conf.set("spark.eventLog.enabled", "" + mistake.setting().contains("eventLog"));
                  conf.set(
                      "spark.driver.resource.gpu.amount",
                      mistake.setting().contains("driver") ? "1" : "0");
                  conf.setMaster("local[1]").set("spark.ui.enabled", "false");
                  return SparkSession.builder().config(conf).getOrCreate();
                })
            .setErr(new PrintWriter(err, true))
            .execute(words);
    assertThat(code).as(err.toString()).isEqualTo(mistake.code());
    List<String> said = err.toString().lines().filter(line -> !line.startsWith("  ")).toList();
    assertThat(said).hasSize(1).allMatch(line -> line.startsWith("tubelet: "));
    assertThat(err.toString()).contains(mistake.says()).doesNotContain("\tat ");
  }
}
