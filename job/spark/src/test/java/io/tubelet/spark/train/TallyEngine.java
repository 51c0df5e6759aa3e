package io.tubelet.spark.train;

import io.tubelet.clip.SampleSeed;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.engine.Engine.StepResult;
import io.tubelet.engine.EngineProvider;
import io.tubelet.engine.EngineProvider.Availability;
import io.tubelet.engine.Placement;
import io.tubelet.engine.Placement.Device;
import io.tubelet.model.Parameters;
import io.tubelet.spark.StepsOnly;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.TaskContext;

/**
 * A network whose weights say what was done to it, and which breaks on demand. A step adds 1 to the
 * weight of each clip, so the state itself proves how often a clip counts; and it mixes the clips
 * into other weights and the moments in a way that depends on the order of all steps.
 *
 * <p>Faults: {@code -Dtally.hang=5} lets one of two tasks hang in step 5, once; {@code
 * -Dtally.fail=true} lets one task in five fail in its second step, the first time it is tried;
 * {@code -Dtally.kill=FOLDER:3,8} halts the JVM before steps 3 and 8, once each; and the clip
 * {@link #POISON} has no finite loss as long as the learning rate is above {@link #TOO_FAST}.
 */
public final class TallyEngine implements StepsOnly {
  public static final String NAME = "tally";

  static final String POISON = "clip7#0";
  static final double TOO_FAST = 0.5;

  /** Where a task has failed already. */
  private static final Set<String> FAILED = ConcurrentHashMap.newKeySet();

  private final Training training;
  private TrainState state;
  private int taken;

  TallyEngine(Training training) {
    this.training = training;
  }

  /** How often a clip counts in a state. */
  static double count(TrainState state, int clip) {
    return state.weights().get(0)[clip];
  }

  @Override
  public Training training() {
    return training;
  }

  @Override
  public void load(TrainState from) {
    state = copy(from);
    taken = 0;
  }

  @Override
  public TrainState state() {
    return copy(state);
  }

  private static TrainState copy(TrainState from) {
    return new TrainState(
        from.step(), copy(from.weights()), copy(from.firstMoment()), copy(from.secondMoment()));
  }

  private static Parameters copy(Parameters from) {
    float[][] values = new float[from.layout().parameters().size()][];
    for (int i = 0; i < values.length; i++) {
      values[i] = i < 2 ? from.get(i).clone() : from.get(i); // the others never change
    }
    return new Parameters(from.layout(), values);
  }

  @Override
  public StepResult step(CubeBatch batch) {
    breakDown();
    double rate = training.learningRate().at(state.step());
    boolean bad = batch.clips().contains(POISON) && rate > TOO_FAST;
    if (!bad) {
      for (String clip : batch.clips()) {
        state.weights().get(0)[Integer.parseInt(clip.substring(4, clip.indexOf('#')))]++;
        float drawn = SampleSeed.of(1, state.step(), clip).nextFloat();
        mix(state.weights().get(1), (float) rate * drawn);
        mix(state.firstMoment().get(1), drawn);
        mix(state.secondMoment().get(1), drawn + state.firstMoment().get(1)[0]);
      }
    }
    state = state.at(state.step() + 1);
    taken++;
    return new StepResult(bad ? Double.NaN : 1.0 / state.step(), 1, rate);
  }

  private static void mix(float[] values, float with) {
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.7f * values[i] + with / (i + 1);
    }
  }

  private void breakDown() {
    TaskContext task = TaskContext.get();
    String kill = System.getProperty("tally.kill", "");
    if (!kill.isEmpty()) {
      String[] words = kill.split("[:,]", -1);
      for (int i = 1; i < words.length; i++) {
        if (state.step() == Long.parseLong(words[i]) && first(words[0], words[i])) {
          Runtime.getRuntime().halt(137);
        }
      }
    }
    if (task.partitionId() == 1
        && state.step() == Integer.getInteger("tally.hang", -1)
        && FAILED.add("hangs")) {
      while (!task.isInterrupted()) {
        Thread.onSpinWait();
      }
    }
    if (Boolean.getBoolean("tally.fail") && taken == 1) {
      String name = "fail" + task.partitionId();
      if (SampleSeed.of(1, state.step(), name).nextInt(5) == 0
          && FAILED.add(name + " at " + state.step())) {
        throw new IllegalStateException("a task that fails once");
      }
    }
  }

  private static boolean first(String folder, String step) {
    try {
      Files.createFile(Path.of(folder, "killed-" + step));
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Found by those who ask for it by name. */
  public static final class Provider implements EngineProvider {
    @Override
    public String name() {
      return NAME;
    }

    @Override
    public Availability on(Device device) {
      return new Availability(true, describe());
    }

    @Override
    public String describe() {
      return "counts clips";
    }

    @Override
    public Engine open(Training training, Placement placement) {
      return new TallyEngine(training);
    }
  }
}
