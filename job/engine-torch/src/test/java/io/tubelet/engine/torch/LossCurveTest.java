package io.tubelet.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Batches.Gradient;
import io.tubelet.engine.Placement;
import io.tubelet.masking.Mask;
import io.tubelet.masking.TubeMasking;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.model.Transformer;
import io.tubelet.train.LearningRate;
import io.tubelet.train.Optimizer;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import io.tubelet.weights.Safetensors;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The losses of 200 steps against those of a program that was written for PyTorch. */
class LossCurveTest {
  private static final int STEPS = 200;
  private static final int BATCH = 16;
  private static final ClipGeometry GEOMETRY = new ClipGeometry(8, 32, 32, 2, 8);
  private static final ModelSpec MODEL = ModelSize.TINY.pretraining(GEOMETRY);
  private static final LearningRate RATE = new LearningRate(5e-3, 1e-5, 20, STEPS);
  private static final List<String> CLIPS =
      IntStream.range(0, 48).mapToObj(i -> "clip" + i).toList();

  @TempDir private Path folder;

  /** Waves that move, alike in all clips but not the same, and noise: something to learn. */
  private static Frames waves(String clip) {
    RandomGenerator random = SampleSeed.of(1, 0, clip, "waves");
    double down = 2 * Math.PI / GEOMETRY.patch();
    double across = random.nextDouble(-0.05, 0.05);
    double forth = random.nextDouble(-0.1, 0.1);
    double[] height = random.doubles(ClipGeometry.CHANNELS, 20, 100).toArray();
    byte[] bytes = new byte[GEOMETRY.clipBytes()];
    for (int i = 0; i < bytes.length; i++) {
      int pixel = i / ClipGeometry.CHANNELS;
      int row = pixel / GEOMETRY.width() % GEOMETRY.height();
      int time = pixel / GEOMETRY.width() / GEOMETRY.height();
      double phase = down * row + across * (pixel % GEOMETRY.width()) + forth * time;
      double value = 128 + height[i % ClipGeometry.CHANNELS] * Math.sin(phase);
      bytes[i] = (byte) Math.max(0, Math.min(255, Math.round(value + 5 * random.nextGaussian())));
    }
    return new Frames(GEOMETRY.frames(), GEOMETRY.height(), GEOMETRY.width(), bytes);
  }

  private static List<String> drawn(int step) {
    return SampleSeed.of(1, step, "batch")
        .ints(BATCH, 0, CLIPS.size())
        .mapToObj(CLIPS::get)
        .toList();
  }

  private static Mask mask(int step, String clip) {
    return new TubeMasking(0.5).draw(GEOMETRY, SampleSeed.of(1, step, clip, "mask"));
  }

  /** The losses of replicas that average their gradients before one update. */
  private static List<Double> ours(Parameters first, List<Frames> clips, int replicas) {
    Training training = new Training(MODEL, new Optimizer.AdamW(0.9, 0.95, 1e-8, 0.05, 1), RATE);
    List<Double> losses = new ArrayList<>();
    try (TorchEngine engine = new TorchEngineProvider().open(training, Placement.ONE_THREAD)) {
      engine.load(TrainState.start(first));
      for (int step = 0; step < STEPS; step++) {
        List<Gradient> gradients = new ArrayList<>();
        for (int replica = 0; replica < replicas; replica++) {
          int each = BATCH / replicas;
          List<String> ids = drawn(step).subList(replica * each, (replica + 1) * each);
          gradients.add(Gradient.of(engine, batch(step, ids, clips)));
        }
        losses.add(mean(gradients).update(engine).loss());
      }
    }
    return losses;
  }

  private static CubeBatch batch(int step, List<String> ids, List<Frames> clips) {
    return CubeBatch.cut(
        GEOMETRY,
        ids.stream().map(id -> clips.get(CLIPS.indexOf(id))).toList(),
        ids.stream().map(id -> mask(step, id)).toList(),
        new float[0],
        ids);
  }

  private static Gradient mean(List<Gradient> gradients) {
    Parameters sum = Parameters.zero(gradients.get(0).values().layout());
    for (int i = 0; i < sum.layout().parameters().size(); i++) {
      for (Gradient gradient : gradients) {
        for (int j = 0; j < sum.get(i).length; j++) {
          sum.get(i)[j] += gradient.values().get(i)[j] / gradients.size();
        }
      }
    }
    return new Gradient(
        gradients.stream().mapToDouble(Gradient::loss).average().orElseThrow(), sum);
  }

  private void write(Parameters first, List<Frames> clips) throws IOException {
    try (OutputStream out = Files.newOutputStream(folder.resolve("weights.safetensors"))) {
      Safetensors.write(
          out,
          Map.of(),
          first.layout().parameters().stream()
              .map(p -> new Safetensors.Entry(p.name(), p.shape(), () -> first.get(p.name())))
              .toList());
    }
    try (OutputStream out = Files.newOutputStream(folder.resolve("clips.bin"))) {
      for (Frames clip : clips) {
        out.write(clip.bytes());
      }
    }
    ByteBuffer drawn = ByteBuffer.allocate(STEPS * BATCH * 4).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer hidden = ByteBuffer.allocate(STEPS * BATCH * GEOMETRY.tokens());
    for (int step = 0; step < STEPS; step++) {
      for (String clip : drawn(step)) {
        drawn.putInt(CLIPS.indexOf(clip));
        Mask mask = mask(step, clip);
        byte[] row = new byte[GEOMETRY.tokens()];
        for (int i = mask.visible(); i < row.length; i++) {
          row[mask.order()[i]] = 1;
        }
        hidden.put(row);
      }
    }
    Files.write(folder.resolve("drawn.bin"), drawn.array());
    Files.write(folder.resolve("hidden.bin"), hidden.array());
    Files.writeString(
        folder.resolve("run.json"),
        String.format(
            Locale.ROOT,
            """
            {"frames": %d, "height": %d, "width": %d, "tubelet": %d, "patch": %d, "encoder": %s, "decoder": %s,
             "peak": %s, "floor": %s, "warmup": %d, "steps": %d}
            """,
            GEOMETRY.frames(),
            GEOMETRY.height(),
            GEOMETRY.width(),
            GEOMETRY.tubelet(),
            GEOMETRY.patch(),
            json(MODEL.encoder()),
            json(MODEL.pretraining().decoder()),
            RATE.peak(),
            RATE.floor(),
            RATE.warmupSteps(),
            STEPS));
  }

  private static String json(Transformer blocks) {
    return "{\"dim\": %d, \"depth\": %d, \"heads\": %d}"
        .formatted(blocks.dim(), blocks.depth(), blocks.heads());
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() == 0 ? said : "failed: " + said;
  }

  /** What the first Python says that has PyTorch, on the path or the system's; else skips. */
  private String python() throws InterruptedException {
    for (String python : List.of("python3", "/usr/bin/python3")) {
      try {
        String said = run(python, "../bench/loss_curve.py", folder.toString());
        if (!said.contains("No module named 'torch'")) {
          return said;
        }
      } catch (IOException e) {
        System.out.println(e.getMessage());
      }
    }
    String reason = "skipped: no python3 with torch on this machine";
    System.out.println(reason);
    return abort(reason);
  }

  /** In one minibatch, and as two replicas of half as many clips. */
  @Test
  void everyStepHasTheLossOfAnIndependentProgramWithinOnePerCent() throws Exception {
    Parameters first = Parameters.draw(ParameterLayout.of(MODEL), 1);
    List<Frames> clips = CLIPS.stream().map(LossCurveTest::waves).toList();
    write(first, clips);
    String said = python();
    assertThat(said).hasLineCount(STEPS);
    List<Double> theirs = said.lines().map(Double::valueOf).toList();
    for (int replicas : new int[] {1, 2}) {
      List<Double> ours = ours(first, clips, replicas);
      double largest = 0;
      for (int step = 0; step < STEPS; step++) {
        largest = Math.max(largest, Math.abs(ours.get(step) / theirs.get(step) - 1));
      }
      System.out.printf(
          "%d steps of %d x %d clips, loss %.4f to %.4f: at most %.2e of it from PyTorch's%n",
          STEPS, replicas, BATCH / replicas, ours.get(0), ours.get(STEPS - 1), largest);
      assertThat(largest).isLessThan(0.01);
      assertThat(ours.get(STEPS - 1)).isLessThan(0.5 * ours.get(0));
    }
  }
}
