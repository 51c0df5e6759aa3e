package io.tubelet.spark.stage;

import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Precision;
import io.tubelet.engine.torch.Natives;
import io.tubelet.engine.torch.bench.Bench;
import io.tubelet.engine.torch.bench.BenchCase;
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
import java.util.Set;
import java.util.stream.Stream;
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

  private record Step(String kind, ModelSpec network, int batch) {}

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
    EngineProvider engine =
        EngineProvider.find(config.execution().engine().name(), placement.device());
    List<BenchCase> cases = new ArrayList<>();
    for (Precision precision : precisions(config, engine, placement)) {
      for (ModelSize size : config.bench().sizes()) {
        cases.addAll(cases(config, engine.name(), placement.in(precision), size));
      }
    }
    return cases;
  }

  private static List<Precision> precisions(
      JobConfig config, EngineProvider engine, Placement placement) {
    if (config.bench().precisions().isEmpty()) {
      return List.of(engine.settle(placement).precision());
    }
    Set<Precision> there = engine.precisions(placement.device());
    List<Precision> precisions = new ArrayList<>(config.bench().precisions());
    precisions.removeIf(
        precision -> {
          if (!there.contains(precision)) {
            System.out.printf(
                "bench: no steps in %s: engine %s has no instructions for it on %s%n",
                precision, engine.name(), placement.device());
          }
          return !there.contains(precision);
        });
    return precisions;
  }

  private static List<BenchCase> cases(
      JobConfig config, String engine, Placement placement, ModelSize size) {
    BenchConfig bench = config.bench();
    ModelSpec network = size.pretraining(config.model().spec().geometry());
    ModelSpec classifier = network.classifier(bench.classes());
    return Stream.concat(
            bench.pretraining().stream().map(batch -> new Step(" pretraining", network, batch)),
            bench.classification().stream()
                .map(batch -> new Step(" classification", classifier, batch)))
        .map(
            step ->
                new BenchCase(
                    engine,
                    placement,
                    name(size) + step.kind,
                    step.network,
                    config.model().masking(),
                    step.batch,
                    bench.rounds()))
        .toList();
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
    EngineProvider engine =
        EngineProvider.find(config.execution().engine().name(), placement.device());
    return averaging.sizes().stream()
        .map(
            size ->
                new RoundsCost(
                    engine.name(),
                    engine.settle(placement),
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
