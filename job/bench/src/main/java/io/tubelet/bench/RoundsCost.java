package io.tubelet.bench;

import com.sun.management.OperatingSystemMXBean;
import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Crop;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.model.Parameters;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.stage.RoundModel;
import io.tubelet.spark.train.Checkpoints;
import io.tubelet.spark.train.ClipTransform;
import io.tubelet.spark.train.Master;
import io.tubelet.spark.train.Master.Decision;
import io.tubelet.spark.train.MinibatchSource;
import io.tubelet.spark.train.Progress;
import io.tubelet.spark.train.RoundResult;
import io.tubelet.spark.train.Rounds;
import io.tubelet.spark.train.RoundsMaster;
import io.tubelet.train.RoundMetrics;
import io.tubelet.train.SamplePlan;
import io.tubelet.train.StateShape;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * What rounds cost next to their steps: rounds of the real training stage on a local Spark, next to
 * {@link RoundModel}. All replicas share this machine's cores and one network: loopback, or what
 * Linux makes of it in a namespace. The fastest round counts.
 *
 * @param step a step of one replica, for pretraining
 * @param shape what replicas average; as many replicas as the local master has cores
 * @param period steps of a round
 * @param gigabits of the network a second, for the model
 */
record RoundsCost(StepsCost step, StateShape shape, int period, double gigabits) {
  /** Its rounds are all but steps. */
  static final String IDLE = IdleEngine.Provider.class.getName();

  private static final int WARM_UP = 2;
  private static final long SEED = 1;

  /** Times it; every figure by a key that stays. */
  Map<String, Object> run(JavaSparkContext spark) throws IOException {
    Path folder = new Path(Files.createTempDirectory("rounds").toUri());
    Configuration hadoop = new Configuration();
    var settings =
        new RoundsMaster.Settings(step.engine(), step.placement(), Duration.ofMinutes(5), false);
    try (RoundsMaster master = new RoundsMaster(settings)) {
      TrainState first =
          step.engine().equals(IDLE)
              ? TrainState.start(Parameters.zero(shape.layout()))
              : step.start();
      Path start =
          new Checkpoints(hadoop, folder).save(first, new Progress("", 0, 0, false), List.of(), 1);
      Rounds rounds = new Rounds(source().plan(), WARM_UP + step.rounds(), period);
      Heard heard = new Heard(new ArrayList<>());
      master.train(
          spark,
          new Master.Stretch(
              start,
              0,
              rounds,
              shape.training(),
              shape.rule(),
              source(),
              new SerializableConfiguration(hadoop)),
          heard);
      return figures(heard.all.subList(WARM_UP - 1, heard.all.size()));
    } finally {
      folder.getFileSystem(hadoop).delete(folder, true);
    }
  }

  /** A round, and what the process had used and the network had sent when it was over. */
  private record Used(RoundResult round, double cpu, double driverCpu, double sentBytes) {}

  /** Takes note of every round. */
  private record Heard(List<Used> all) implements Master.Listener {
    @Override
    public Decision after(RoundResult result) {
      var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      ThreadMXBean threads = ManagementFactory.getThreadMXBean();
      double driver =
          Stream.of(threads.getThreadInfo(threads.getAllThreadIds()))
              .filter(info -> info != null && !info.getThreadName().matches("(Exec|read-).*"))
              .mapToLong(info -> threads.getThreadCpuTime(info.getThreadId()))
              .sum();
      all.add(new Used(result, system.getProcessCpuTime() / 1e9, driver / 1e9, network()));
      return new Decision(null, false);
    }

    /** Bytes that this network namespace has sent; not a number if this is no Linux. */
    private static double network() {
      try (Stream<String> lines = Files.lines(java.nio.file.Path.of("/proc/net/dev"))) {
        return lines
            .filter(line -> line.contains(":"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .mapToDouble(line -> Double.parseDouble(line.split("\\s+", -1)[8]))
            .sum();
      } catch (IOException e) {
        return Double.NaN;
      }
    }

    @Override
    public void written(Map<String, String> digests) {}
  }

  private Map<String, Object> figures(List<Used> used) {
    RoundResult fastest =
        used.stream()
            .skip(1)
            .map(Used::round)
            .min(Comparator.comparingDouble(round -> round.seconds().total()))
            .orElseThrow();
    RoundMetrics.Seconds seconds = fastest.seconds();
    int replicas = shape.replicas();
    long parameters = shape.layout().count();
    RoundModel model = new RoundModel(shape.moved().size() * parameters, Float.BYTES);
    double share = Math.min(1.0, 1.0 * Runtime.getRuntime().availableProcessors() / replicas);
    Map<String, Object> figures = step.figures("rounds");
    figures.replace("engine", IDLE, "none");
    figures.put("parameters", parameters);
    figures.put("replicas", replicas);
    figures.put("period", period);
    figures.put("clips_per_second", fastest.clips() / seconds.total());
    figures.put("steps_to_round", seconds.compute() / seconds.total());
    figures.put("step_seconds", seconds.compute());
    figures.put("wait_seconds", seconds.dataWait());
    figures.put("average_seconds", seconds.average());
    figures.put("gigabits", gigabits);
    figures.put("modelled_average_seconds", model.seconds(replicas, gigabits / replicas, share));
    figures.put("sent_bytes", least(used, Used::sentBytes));
    figures.put("modelled_sent_bytes", replicas * model.bytes(replicas));
    figures.put("cpu_seconds", least(used, Used::cpu));
    figures.put("driver_cpu_seconds", least(used, Used::driverCpu));
    figures.put("heap_bytes", ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    return figures;
  }

  /** The least that a round added to a sum. */
  private static double least(List<Used> used, ToDoubleFunction<Used> of) {
    return IntStream.range(1, used.size())
        .mapToDouble(i -> of.applyAsDouble(used.get(i)) - of.applyAsDouble(used.get(i - 1)))
        .min()
        .orElseThrow();
  }

  /** One round an epoch. */
  private MinibatchSource source() {
    ClipGeometry geometry = step.model().geometry();
    Augmentation whole = new Augmentation(Crop.Centre.view(0, 1));
    ClipTransform presentation =
        new ClipTransform(geometry, whole, step.masking(), new Labels(List.of()), 0, SEED);
    int clips = shape.replicas() * step.batch() * period;
    SamplePlan plan = new SamplePlan(SEED, clips, shape.replicas(), step.batch());
    return new MinibatchSource(plan, new Noise(geometry), presentation, 0);
  }

  /** Computes nothing, but copies a gradient out and in as an engine of a card does. */
  record IdleEngine(Training training, List<FloatBuffer> weights) implements Engine {
    /** Found by its class' name alone, so that nobody trains with it by accident. */
    public static final class Provider implements EngineProvider {
      @Override
      public String name() {
        return IDLE;
      }

      @Override
      public Availability on(Device device) {
        return new Availability(true, describe());
      }

      @Override
      public String describe() {
        return "computes nothing";
      }

      @Override
      public Engine open(Training training, Placement placement) {
        return new IdleEngine(training, new ArrayList<>());
      }
    }

    @Override
    public void load(TrainState state) {
      weights.clear();
      weights.addAll(state.weights().buffers());
    }

    @Override
    public double gradient(CubeBatch batch, List<FloatBuffer> to) {
      return 0;
    }

    @Override
    public StepResult update(double loss, List<FloatBuffer> gradient) {
      for (int i = 0; i < gradient.size(); i++) {
        weights.get(i).put(0, gradient.get(i), 0, gradient.get(i).capacity());
        gradient.get(i).put(0, weights.get(i), 0, gradient.get(i).capacity());
      }
      return new StepResult(loss, 0, 0);
    }

    @Override
    public TrainState state() {
      throw new UnsupportedOperationException();
    }

    @Override
    public StepResult step(CubeBatch batch) {
      throw new UnsupportedOperationException();
    }

    @Override
    public float[] predict(CubeBatch batch) {
      throw new UnsupportedOperationException();
    }

    @Override
    public float[] encode(CubeBatch batch) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }
}
