package io.tubelet.engine.torch;

import io.tubelet.model.Parameter;
import io.tubelet.model.Task;
import io.tubelet.train.Optimizer;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Applies gradients to weights. AdamW is LibTorch's fused operator: one pass over weight, gradient
 * and both moments, for all tensors that share a learning rate and a decay at once.
 */
final class Update implements AutoCloseable {
  /** What the tensors of one call have in common. */
  private record Group(double rateFactor, double decay) {}

  private final Training training;
  private final Weights weights;
  private final List<Tensor> firstMoment;
  private final List<Tensor> secondMoment;
  private final Map<Group, List<Integer>> groups;
  private long step;

  Update(Training training, Weights weights) {
    this.training = training;
    this.weights = weights;
    this.firstMoment = weights.zeros();
    this.secondMoment = weights.zeros();
    this.groups =
        IntStream.range(0, weights.leaves().size())
            .boxed()
            .filter(leaf -> !weights.leaves().get(leaf).like().frozen())
            .collect(Collectors.groupingBy(this::group, LinkedHashMap::new, Collectors.toList()));
  }

  private Group group(int leaf) {
    Optimizer optimizer = training.optimizer();
    Parameter like = weights.leaves().get(leaf).like();
    return new Group(optimizer.rateFactor(training.model(), like), optimizer.decay(like));
  }

  void load(TrainState state) {
    weights.write(state.firstMoment().buffers(), firstMoment);
    weights.write(state.secondMoment().buffers(), secondMoment);
    step = state.step();
  }

  TrainState state() {
    return new TrainState(
        step,
        weights.read(weights.tensors()),
        weights.read(firstMoment),
        weights.read(secondMoment));
  }

  double rate() {
    return training.learningRate().at(step);
  }

  /** Euclidean norm of all gradients together, fp64 {@code [1]} on the device. */
  static Tensor norm(List<Tensor> gradients) {
    IValue norms =
        Natives.call(
                "_foreach_norm",
                "Scalar",
                Natives.list(gradients),
                new IValue(new Scalar(2.0)),
                new IValue())
            .get(0);
    TensorVector each = norms.toTensorVector();
    return torch.stack(each).to(ScalarType.Double).square().sum().sqrt().view(1);
  }

  /**
   * Takes the step; without gradients it only counts.
   *
   * @param norm of the gradients, which are shortened as the optimizer wants
   */
  void apply(List<Tensor> gradients, double norm) {
    double rate = rate();
    step++;
    if (gradients.isEmpty()) {
      return;
    }
    double factor = training.optimizer().clipFactor(norm);
    if (factor < 1) {
      gradients.forEach(gradient -> gradient.mul_(new Scalar(factor)));
    }
    if (training.optimizer() instanceof Optimizer.AdamW adam) {
      groups.forEach(
          (group, leaves) -> Scope.run(() -> adamW(group, leaves, adam, rate, gradients)));
    } else {
      for (int i = 0; i < gradients.size(); i++) {
        weights.tensors().get(i).sub_(gradients.get(i), new Scalar(rate));
      }
    }
    if (training.model().task() instanceof Task.Contrastive) {
      follow(training.following(step - 1));
    }
  }

  /** Moves MoCo v3's momentum encoder. */
  private void follow(double share) {
    for (Weights.Leaf leaf : weights.leaves()) {
      String followed = Parameter.followed(leaf.name());
      if (!followed.equals(leaf.name())) {
        weights.get(leaf.name()).lerp_(weights.get(followed), new Scalar(share));
      }
    }
  }

  private void adamW(
      Group group,
      List<Integer> leaves,
      Optimizer.AdamW adam,
      double rate,
      List<Tensor> gradients) {
    Tensor count =
        torch.full(
            new long[] {}, new Scalar((double) step), weights.device().options(ScalarType.Float));
    Natives.call(
        "_fused_adamw_",
        "",
        pick(weights.tensors(), leaves),
        pick(gradients, leaves),
        pick(firstMoment, leaves),
        pick(secondMoment, leaves),
        Natives.list(List.of()), // no maxima
        Natives.list(Collections.nCopies(leaves.size(), count)),
        new IValue(rate * group.rateFactor()),
        new IValue(adam.beta1()),
        new IValue(adam.beta2()),
        new IValue(group.decay()),
        new IValue(adam.epsilon()),
        new IValue(false), // amsgrad
        new IValue(false), // maximize
        new IValue(), // no scale of gradients
        new IValue()); // no check for infinities
  }

  private static IValue pick(List<Tensor> tensors, List<Integer> leaves) {
    return Natives.list(leaves.stream().map(tensors::get).toList());
  }

  @Override
  public void close() {
    firstMoment.forEach(Tensor::releaseReference);
    secondMoment.forEach(Tensor::releaseReference);
  }
}
