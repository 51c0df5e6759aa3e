package io.tubelet.engine.torch;

import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.engine.Engine.StepResult;
import io.tubelet.engine.Placement;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A replica on LibTorch.
 *
 * <p>A step is: bytes to the device ({@link DeviceBatch}), forward and backward ({@link Workers}),
 * one read of the loss and the gradient's norm, and if both are finite the update ({@link Update}).
 */
public final class TorchEngine implements Engine {
  private final Training training;
  private final TorchDevice device;
  private final Weights weights;
  private final Update update;
  private final Workers workers;

  /** Weights are zero until {@link #load}. The caller has checked that the device is usable. */
  TorchEngine(Training training, Placement placement) {
    this.training = training;
    this.device = new TorchDevice(placement);
    this.weights = new Weights(ParameterLayout.of(training.model()), device);
    this.update = new Update(training, weights);
    this.workers = new Workers(weights);
  }

  @Override
  public Training training() {
    return training;
  }

  @Override
  public void load(TrainState state) {
    for (Parameters part : List.of(state.weights(), state.firstMoment(), state.secondMoment())) {
      if (!part.layout().model().equals(training.model())) {
        throw new IllegalArgumentException(
            "a state of %s does not fit the network %s"
                .formatted(part.layout().model(), training.model()));
      }
    }
    scoped(
        () -> {
          weights.write(state.weights().buffers(), weights.tensors());
          update.load(state);
          return state;
        });
  }

  @Override
  public TrainState state() {
    return scoped(update::state);
  }

  @Override
  public StepResult step(CubeBatch batch) {
    requireTrainable(batch);
    return scoped(
        () -> {
          Tensor loss = backward(batch);
          List<Tensor> gradients = weights.gradients();
          Tensor norm = Update.norm(gradients);
          Tensor read = torch.cat(new TensorVector(loss, norm)).cpu();
          double[] numbers = new double[2];
          read.data_ptr_double().get(numbers);
          return take(numbers[0], numbers[1], gradients);
        });
  }

  private StepResult take(double loss, double norm, List<Tensor> gradients) {
    StepResult result = new StepResult(loss, norm, update.rate());
    update.apply(result.finite() ? gradients : List.of(), norm);
    return result;
  }

  @Override
  public StepResult update(double loss, List<FloatBuffer> gradient) {
    return scoped(
        () -> {
          List<Tensor> gradients = weights.onDevice(gradient);
          return take(loss, Update.norm(gradients).item_double(), gradients);
        });
  }

  @Override
  public double gradient(CubeBatch batch, List<FloatBuffer> to) {
    requireTrainable(batch);
    return scoped(
        () -> {
          Tensor loss = backward(batch);
          weights.read(weights.gradients(), to);
          return loss.item_double();
        });
  }

  private Tensor backward(CubeBatch batch) {
    float[] factors = training.dropping().factors(batch.seed(), batch.clips(), training.model());
    return workers.backward(DeviceBatch.place(batch, factors, device));
  }

  @Override
  public float[] predict(CubeBatch batch) {
    requireAnswerable(batch);
    return evaluated(batch, Network::predict);
  }

  @Override
  public float[] encode(CubeBatch batch) {
    requireGeometry(batch);
    return evaluated(batch, Network::encode);
  }

  private float[] evaluated(CubeBatch batch, BiFunction<Network, DeviceBatch, Tensor> function) {
    return scoped(
        () -> {
          DeviceBatch placed = DeviceBatch.place(batch, new float[0], device);
          Tensor local = workers.all(placed, function).cpu().contiguous();
          float[] values = new float[Math.toIntExact(local.numel())];
          local.data_ptr_float().get(values);
          return values;
        });
  }

  /**
   * Runs {@code body} with this engine's settings; of native objects only the state outlives it.
   */
  private <T> T scoped(Supplier<T> body) {
    try {
      return Scope.get(
          () -> {
            device.enter();
            return Scope.untracked(body);
          });
    } catch (RuntimeException e) {
      throw OutOfNativeMemoryException.or(e, device.placement());
    } finally {
      workers.dropGradients();
    }
  }

  @Override
  public void close() {
    update.close();
    workers.close();
  }

  /**
   * A device has not enough memory for a step. What the step had taken is free again; the engine's
   * weights are as before the step and it can be used on.
   */
  public static final class OutOfNativeMemoryException extends RuntimeException {
    private OutOfNativeMemoryException(String message, RuntimeException cause) {
      super(message, cause);
    }

    /** Explains the failure if LibTorch failed for want of memory; else it is returned as is. */
    static RuntimeException or(RuntimeException failure, Placement placement) {
      String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
      if (!message.contains("out of memory") && !message.contains("allocate memory")) {
        return failure;
      }
      return new OutOfNativeMemoryException(
          "%s has not enough memory for this step; take a smaller engine.micro-batch"
                  .formatted(placement.device())
              + " or batch, or set engine.activation-checkpointing = true",
          failure);
    }
  }
}
