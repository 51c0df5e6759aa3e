package io.tubelet.spark.stage;

import io.tubelet.engine.Engines;
import io.tubelet.engine.Placement;
import io.tubelet.engine.torch.Natives;
import io.tubelet.engine.torch.bench.Bench;
import io.tubelet.engine.torch.bench.BenchCase;
import io.tubelet.masking.Masking;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.spark.config.BenchConfig;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.store.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * {@code bench}: times training steps in the driver's process, without Spark, and then what rounds
 * add to them. Each figure is a map of stable keys; a line of text and, if wanted, an entry of a
 * JSON file show it.
 */
final class BenchStage implements Stage {

  /** What the JSON file holds. */
  private record Figures(List<Map<String, Object>> cases) {}

  @Override
  public Outcome run(JobConfig config, SparkSession spark) throws IOException {
    Natives.chooseBlas(); // before ND4J loads one: it serves both engines of a process
    List<Map<String, Object>> figures = new ArrayList<>();
    for (BenchCase what : cases(config, Networks.placement(config, cores(spark)))) {
      figures.add(shown(Bench.run(what).fields()));
    }
    for (RoundsCost what : rounds(config, spark)) {
      figures.add(shown(what.run(new JavaSparkContext(spark.sparkContext()))));
    }
    String json = config.bench().json();
    if (!json.isEmpty()) {
      Json.write(spark.sparkContext().hadoopConfiguration(), new Path(json), new Figures(figures));
    }
    return Outcome.done("timed %d cases".formatted(figures.size()));
  }

  /** The process has the machine to itself: all cores that a local master was given. */
  private static int cores(SparkSession spark) {
    return spark.sparkContext().isLocal()
        ? spark.sparkContext().defaultParallelism()
        : Runtime.getRuntime().availableProcessors();
  }

  static List<BenchCase> cases(JobConfig config, Placement placement) {
    BenchConfig bench = config.bench();
    Masking masking = config.model().masking();
    String engine = Engines.find(config.execution().engine().name(), placement.device()).name();
    List<BenchCase> cases = new ArrayList<>();
    for (ModelSize size : bench.sizes()) {
      ModelSpec network = size.pretraining(config.model().spec().geometry());
      String name = name(size);
      for (int batch : bench.pretraining()) {
        cases.add(
            new BenchCase(
                engine, placement, name + " pretraining", network, masking, batch, bench.rounds()));
      }
      ModelSpec classifier = network.classifier(bench.classes());
      for (int batch : bench.classification()) {
        cases.add(
            new BenchCase(
                engine,
                placement,
                name + " classification",
                classifier,
                masking,
                batch,
                bench.rounds()));
      }
    }
    return cases;
  }

  private static Map<String, Object> shown(Map<String, Object> figure) {
    System.out.println(line(figure));
    return figure;
  }

  /** Rounds can be compared with bare engines where both run in this process. */
  private static List<RoundsCost> rounds(JobConfig config, SparkSession spark) {
    BenchConfig.Averaging averaging = config.bench().averaging();
    if (!spark.sparkContext().isLocal()) {
      System.out.println("bench: rounds are timed with a local master only");
      return List.of();
    }
    Placement placement = Networks.placement(config, 1);
    String engine = Engines.find(config.execution().engine().name(), placement.device()).name();
    return averaging.sizes().stream()
        .map(
            size ->
                new RoundsCost(
                    engine,
                    placement,
                    name(size),
                    size.pretraining(config.model().spec().geometry()),
                    config.model().masking(),
                    cores(spark),
                    averaging.batch(),
                    averaging.period(),
                    config.bench().rounds()))
        .toList();
  }

  private static String name(ModelSize size) {
    return size.name().toLowerCase(Locale.ROOT);
  }

  private static String line(Map<String, Object> figure) {
    StringBuilder line = new StringBuilder("bench:");
    figure.forEach(
        (key, value) ->
            line.append(
                value instanceof Double number
                    ? " %s=%.3f".formatted(key, number)
                    : " %s=%s".formatted(key, value)));
    return line.toString();
  }
}
