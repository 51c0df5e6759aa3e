package io.tubelet.spark.train;

import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.engine.Engine.StepResult;
import io.tubelet.engine.torch.Collective;
import io.tubelet.model.Parameters;
import io.tubelet.spark.train.Master.Decision;
import io.tubelet.spark.train.Master.Stretch;
import io.tubelet.spark.train.Reduction.InPlace;
import io.tubelet.spark.train.ReplicaStage.Said;
import io.tubelet.spark.train.Rounds.Round;
import io.tubelet.train.AveragingRule;
import io.tubelet.train.StatePart;
import io.tubelet.train.StateShape;
import io.tubelet.train.TrainState;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;

/**
 * One task of the stage in which replicas train: some of them, one after the other on one engine,
 * and the meetings with the other tasks at which they become one.
 *
 * <pre>
 * gradients     every step:   gradient of each replica → mean → one update
 * parameters    every round:  steps of each replica → mean of weights and moments → outer step
 * </pre>
 *
 * All tasks make the same meetings in the same order. The state after a round is a function of the
 * stretch alone, not of the number of tasks.
 */
final class ReplicaTask implements AutoCloseable {
  private final Stretch stretch;
  private final StateShape shape;
  private final Engine engine;
  private final Collective group;
  private final String conversation;
  private final Reduction reduction;
  private final int first;
  private final List<ReadAhead> readers = new ArrayList<>();
  private final List<InPlace> gradients = new ArrayList<>(); // of this task's replicas

  /** The states of this task's replicas at the beginning of a round; they share what is common. */
  private final List<TrainState> states = new ArrayList<>();

  /** The common weights at the beginning of a round, and the outer momentum, if there is one. */
  private Parameters start;

  private Parameters momentum;

  /**
   * @param counts replicas of each task
   * @param conversation with the driver, by its name
   */
  ReplicaTask(Stretch stretch, Engine engine, Collective group, int[] counts, String conversation) {
    this.stretch = stretch;
    this.shape = stretch.shape();
    this.engine = engine;
    this.group = group;
    this.conversation = conversation;
    this.first = Arrays.stream(counts, 0, group.rank()).sum();
    this.reduction = new Reduction(group, counts, shape.moved().size() * shape.layout().count());
    for (int i = 0; i < counts[group.rank()]; i++) {
      readers.add(
          stretch
              .source()
              .read(stretch.rounds(), stretch.first(), stretch.rounds().count(), first + i));
      if (shape.synchronous()) {
        gradients.add(reduction.inPlace(shape.layout()));
      }
    }
  }

  /** Trains until the rounds end or the driver says so. */
  void train() throws IOException {
    load();
    for (long index = stretch.first(); index < stretch.rounds().count(); index++) {
      TaskContext.get().killTaskIfInterrupted();
      long start = System.nanoTime();
      Round round = stretch.rounds().at(index);
      List<ReplicaReport> own = shape.synchronous() ? together(round) : apart(round);
      List<ReplicaReport> all = // of all replicas, in their order
          group.gather(ReplicaStage.bytes(own.toArray(ReplicaReport[]::new))).stream()
              .flatMap(bytes -> Stream.of(ReplicaStage.read(bytes, ReplicaReport[].class)))
              .toList();
      average(round, all);
      Decision decision = decide(RoundResult.of(all, (System.nanoTime() - start) / 1e9));
      if (decision.checkpoint() != null) {
        write(decision.checkpoint());
      }
      if (decision.stop()) {
        return;
      }
    }
  }

  /** Takes the state of the checkpoint. */
  private void load() {
    CheckpointFolder folder = stretch.folder();
    Map<StatePart, Parameters> common = folder.read(shape.layout(), shape.averaged());
    for (int i = 0; i < readers.size(); i++) {
      Map<StatePart, Parameters> all = new HashMap<>(common);
      all.putAll(folder.read(shape.layout(), shape.local(first + i)));
      states.add(TrainState.of(stretch.step(), all, first + i));
    }
    if (shape.rule().outer().hasMomentum()) {
      StatePart part = StatePart.OUTER_MOMENTUM;
      momentum = folder.read(shape.layout(), List.of(part)).get(part);
    }
    engine.load(states.get(0));
  }

  /** Every replica takes the steps of the round by itself, from its state to the next. */
  private List<ReplicaReport> apart(Round round) {
    List<ReplicaReport> reports = new ArrayList<>();
    start = states.get(0).weights();
    for (int i = 0; i < readers.size(); i++) {
      if (!shape.alone()) {
        engine.load(states.get(i));
      }
      ReplicaReport report = new ReplicaReport();
      long nanos = 0;
      for (int step = 0; step < round.steps(); step++) {
        Optional<CubeBatch> batch = readers.get(i).next();
        long start = System.nanoTime();
        batch.ifPresent(some -> report.add(some, engine.step(some)));
        nanos += System.nanoTime() - start;
      }
      reports.add(report.end(readers.get(i), nanos / 1e9));
      // a minibatch without a clip is no step, and counts all the same
      if (!shape.alone()) {
        states.set(i, engine.state().at(round.endStep()));
      } else if (report.steps + report.skipped.steps() < round.steps()) {
        engine.load(engine.state().at(round.endStep()));
      }
    }
    return reports;
  }

  /** All replicas take each step of the round together, by the mean of their gradients. */
  private List<ReplicaReport> together(Round round) {
    List<ReplicaReport> reports = readers.stream().map(reader -> new ReplicaReport()).toList();
    long[] nanos = new long[1];
    for (int step = 0; step < round.steps(); step++) {
      List<Optional<CubeBatch>> batches = readers.stream().map(ReadAhead::next).toList();
      long start = System.nanoTime();
      double[] losses = new double[readers.size()];
      for (int i = 0; i < readers.size(); i++) {
        if (batches.get(i).isPresent()) {
          losses[i] = engine.gradient(batches.get(i).get(), gradients.get(i).tensors());
        }
      }
      nanos[0] += System.nanoTime() - start;
      StepResult result = engine.update(mean(batches, losses), gradients.get(0).tensors());
      for (int i = 0; i < readers.size(); i++) {
        int replica = i;
        batches.get(i).ifPresent(batch -> reports.get(replica).add(batch, result));
      }
    }
    return IntStream.range(0, readers.size())
        .mapToObj(i -> reports.get(i).end(readers.get(i), nanos[0] / 1e9 / readers.size()))
        .toList();
  }

  /** Makes the first gradient the mean over the clips of all replicas; their loss. */
  private double mean(List<Optional<CubeBatch>> batches, double[] losses) {
    double[] own = new double[2 * readers.size()];
    for (int i = 0; i < readers.size(); i++) {
      own[2 * i] = batches.get(i).map(CubeBatch::size).orElse(0);
      own[2 * i + 1] = losses[i];
    }
    double[] all =
        group.gather(ReplicaStage.bytes(own)).stream()
            .flatMapToDouble(bytes -> Arrays.stream(ReplicaStage.read(bytes, double[].class)))
            .toArray();
    long[] weights = new long[all.length / 2];
    double loss = 0;
    for (int replica = 0; replica < weights.length; replica++) {
      weights[replica] = (long) all[2 * replica];
      loss += weights[replica] * all[2 * replica + 1];
    }
    reduction.average(
        gradients.stream().map(InPlace::whole).toList(),
        weights,
        Reduction.Step.NONE,
        shape.rule().wire());
    return loss / Arrays.stream(weights).sum(); // not a number where there are no clips
  }

  /** Makes the replicas one again, and takes the outer step. */
  private void average(Round round, List<ReplicaReport> all) {
    if (shape.alone() || (shape.synchronous() && momentum == null)) {
      return;
    }
    if (shape.synchronous()) {
      takeState();
      start = states.get(0).weights(); // no outer step looks at it
    }
    List<List<FloatBuffer>> own = states.stream().map(this::vector).toList();
    long[] weights = all.stream().mapToLong(report -> report.taken).toArray();
    reduction.average(
        own,
        weights,
        momentum == null
            ? Reduction.Step.NONE
            : Reduction.outer(
                shape.rule().outer(), start.buffers(), momentum.buffers(), round.steps()),
        AveragingRule.Wire.FP32);
    TrainState mean = states.get(0);
    states.replaceAll(
        state ->
            shape.hasLocalMoments()
                ? new TrainState(
                    state.step(), mean.weights(), state.firstMoment(), state.secondMoment())
                : mean);
  }

  /** The engine's is that of every replica. */
  private void takeState() {
    TrainState equal = engine.state();
    states.replaceAll(unused -> equal);
  }

  /** What travels. */
  private List<FloatBuffer> vector(TrainState state) {
    return shape.moved().stream()
        .flatMap(part -> state.part(part.kind()).buffers().stream())
        .toList();
  }

  /** Asks the driver, by way of the first task. */
  private Decision decide(RoundResult result) {
    byte[] own = new byte[0];
    if (group.rank() == 0) {
      own = ReplicaStage.bytes(ReplicaStage.ask(conversation, new Said.Done(result)));
    }
    return ReplicaStage.read(group.gather(own).get(0), Decision.class);
  }

  /** Each task writes some of the files; the driver is told when all are there. */
  private void write(Path checkpoint) throws IOException {
    if (shape.alone() || shape.synchronous()) {
      takeState();
    }
    if (momentum != null) {
      reduction.share(momentum.buffers());
    }
    Map<StatePart, IntFunction<float[]>> own = new LinkedHashMap<>();
    shape.parts().forEach(part -> part(part).ifPresent(values -> own.put(part, values::get)));
    Map<String, String> digests = stretch.folder(checkpoint).write(shape.layout(), own);
    List<byte[]> all = group.gather(ReplicaStage.bytes(new Said.Written(digests)));
    if (group.rank() == 0) {
      Map<String, String> whole = new LinkedHashMap<>();
      all.forEach(some -> whole.putAll(ReplicaStage.read(some, Said.Written.class).digests()));
      ReplicaStage.ask(conversation, new Said.Written(whole));
    }
  }

  /**
   * A part that is this task's to write: weights the first's, other common parts the next one's.
   */
  private Optional<Parameters> part(StatePart part) {
    int replica = part.replica();
    if (replica != StatePart.SHARED) {
      return Optional.of(replica - first)
          .filter(own -> own >= 0 && own < states.size())
          .map(own -> states.get(own).part(part.kind()));
    }
    int writer = part.equals(StatePart.WEIGHTS) ? 0 : 1 % group.size();
    if (writer != group.rank()) {
      return Optional.empty();
    }
    return Optional.of(
        part.equals(StatePart.OUTER_MOMENTUM) ? momentum : states.get(0).part(part.kind()));
  }

  @Override
  public void close() {
    readers.forEach(ReadAhead::close);
  }
}
