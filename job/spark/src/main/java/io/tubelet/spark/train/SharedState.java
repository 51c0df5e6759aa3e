package io.tubelet.spark.train;

import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.train.StateChunks;
import io.tubelet.train.StateShape;
import io.tubelet.train.StateView;
import io.tubelet.train.StateView.StateBuilder;
import io.tubelet.train.StateView.StatePart;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * A run's state between rounds: broadcast chunk by chunk. The driver keeps it where Spark keeps
 * broadcasts, in memory as far as there is room and on disk beyond, and never has it in one piece;
 * an executor fetches the chunks that its replica needs. No message is larger than a chunk.
 *
 * @param shape what it consists of
 * @param step steps taken
 * @param vectors the chunks of each vector of the shape
 */
public record SharedState(StateShape shape, long step, List<List<Broadcast<Chunk>>> vectors)
    implements StateView, Serializable {

  /** Broadcasts the weights of a network that is not trained. */
  public static SharedState share(JavaSparkContext spark, Training training, TrainState state) {
    return share(spark, StateShape.weights(training), state);
  }

  /**
   * Broadcasts a state that one replica has come to, as the common start of all: the outer momentum
   * is zero, local moments are the same for each.
   */
  static SharedState share(JavaSparkContext spark, StateShape shape, TrainState state) {
    Builder builder = new Builder(spark, shape);
    for (StatePart part : shape.parts()) {
      Parameters values =
          part.kind() == StatePart.Kind.OUTER_MOMENTUM
              ? Parameters.zero(shape.layout())
              : state.vector(List.of(part)).get(0);
      for (int i = 0; i < shape.layout().parameters().size(); i++) {
        builder.add(part, i, values.get(i));
      }
    }
    return builder.build(state.step());
  }

  static StateChunks cut(StateShape shape, int vector) {
    int parts = shape.vectors().get(vector).size();
    return new StateChunks(shape.layout(), parts, StateChunks.DEFAULT_CHUNK_VALUES);
  }

  /** The values of one chunk. Not to be written to. */
  float[] chunk(int vector, int chunk) {
    return vectors.get(vector).get(chunk).value().values();
  }

  /** The common state, as of this step; without moments where they are not common. */
  public TrainState join(long step) {
    List<Parameters> common = joined(0);
    return common.size() == 3
        ? new TrainState(step, common.get(0), common.get(1), common.get(2))
        : TrainState.start(common.get(0)).at(step);
  }

  /** What a replica starts a round from. */
  TrainState startOf(int replica) {
    if (!shape.hasLocalMoments()) {
      return join(step);
    }
    List<Parameters> own = joined(shape.localVector(replica));
    return new TrainState(step, joined(0).get(0), own.get(0), own.get(1));
  }

  private List<Parameters> joined(int vector) {
    return cut(shape, vector).join(chunk -> chunk(vector, chunk));
  }

  @Override
  public ParameterLayout layout() {
    return shape.layout();
  }

  @Override
  public List<StatePart> parts() {
    return shape.parts();
  }

  @Override
  public float[] tensor(StatePart part, int index) {
    List<List<StatePart>> all = shape.vectors();
    for (int vector = 0; vector < all.size(); vector++) {
      int place = all.get(vector).indexOf(part);
      if (place >= 0) {
        int found = vector;
        return cut(shape, found).tensor(place, index, chunk -> chunk(found, chunk));
      }
    }
    throw new IllegalArgumentException("the state has no " + part);
  }

  /** Frees the broadcasts on all machines. */
  public void destroy() {
    vectors.forEach(chunks -> chunks.forEach(Broadcast::destroy));
  }

  /** Frees what {@code next} does not use too. */
  void destroyAllBut(SharedState next) {
    Set<Long> used = new HashSet<>();
    next.vectors.forEach(chunks -> chunks.forEach(chunk -> used.add(chunk.id())));
    for (List<Broadcast<Chunk>> chunks : vectors) {
      chunks.stream().filter(chunk -> !used.contains(chunk.id())).forEach(Broadcast::destroy);
    }
  }

  /** Broadcasts tensors as they come: part by part in the shape's order, in the layout's order. */
  static final class Builder implements StateBuilder<SharedState> {
    private final StateShape shape;
    private final List<List<Broadcast<Chunk>>> vectors = new ArrayList<>();
    private final List<StateChunks.Cutter> cutters = new ArrayList<>();
    private final List<StatePart> expected;
    private final int tensors;
    private int taken;

    Builder(JavaSparkContext spark, StateShape shape) {
      this.shape = shape;
      this.expected = shape.parts();
      this.tensors = shape.layout().parameters().size();
      for (int vector = 0; vector < shape.vectors().size(); vector++) {
        List<Broadcast<Chunk>> chunks = new ArrayList<>();
        vectors.add(chunks);
        cutters.add(
            cut(shape, vector).new Cutter(chunk -> chunks.add(spark.broadcast(new Chunk(chunk)))));
      }
    }

    @Override
    public void add(StatePart part, int index, float[] values) {
      if (taken / tensors >= expected.size()
          || !part.equals(expected.get(taken / tensors))
          || index != taken % tensors) {
        throw new IllegalArgumentException(
            "tensor %d of %s comes as number %d".formatted(index, part, taken));
      }
      taken++;
      for (int vector = 0; vector < vectors.size(); vector++) {
        if (shape.vectors().get(vector).contains(part)) {
          cutters.get(vector).add(values);
        }
      }
    }

    @Override
    public SharedState build(long step) {
      if (!cutters.stream().allMatch(StateChunks.Cutter::complete)) {
        throw new IllegalArgumentException("only %d tensors of the state came".formatted(taken));
      }
      return new SharedState(shape, step, vectors);
    }

    @Override
    public void discard() {
      vectors.forEach(chunks -> chunks.forEach(Broadcast::destroy));
    }
  }
}
