package io.tubelet.engine.dl4j;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.engine.dl4j.layer.ExactAdam;
import io.tubelet.engine.dl4j.layer.NetworkLayer;
import io.tubelet.engine.dl4j.layer.NetworkLayer.Kind;
import io.tubelet.engine.dl4j.layer.NetworkLayer.Spec;
import io.tubelet.engine.dl4j.layer.PixelError;
import io.tubelet.engine.dl4j.layer.TensorLayer;
import io.tubelet.engine.dl4j.layer.TokenVertex;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Task;
import io.tubelet.model.Task.TargetFrames;
import io.tubelet.model.Transformer;
import io.tubelet.train.Optimizer;
import io.tubelet.train.Training;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A {@link Training} as a DL4J graph (arXiv 2203.12602, section 3):
 *
 * <pre>
 * cubes → embedding → positions → encoder0 … → norm → bridge → maskTokens → decoderPositions → decoder0 …
 *         → hidden → decoderNorm → decoderHead → output
 *                                 encoder0 … → mean → norm → classifier → output         (classification)
 * </pre>
 *
 * <p>The graph's inputs and labels are those of {@link BatchArrays}. Its flat parameter vector is
 * the tensors of {@link ParameterLayout} one behind the other, in its order.
 */
public final class VideoMaeGraph {
  private static final String CUBES = "cubes";
  private static final String ORDER = "order";
  static final String OUTPUT = "output";
  private static final String CLASSIFIER = "classifier";
  private static final String NORM = "norm"; // the encoder's, in a pretraining network

  private final Training training;
  private final List<Parameter> parameters;
  private final GraphBuilder builder;
  private String last = CUBES;

  private VideoMaeGraph(Training training, DataType type) {
    this.training = training;
    this.parameters = ParameterLayout.of(training.model()).parameters();
    // gradients are those of the mean loss already: DL4J must not divide them by the batch
    this.builder =
        new NeuralNetConfiguration.Builder()
            .dataType(type)
            .miniBatch(false)
            .trainingWorkspaceMode(WorkspaceMode.ENABLED)
            .inferenceWorkspaceMode(WorkspaceMode.ENABLED)
            .graphBuilder()
            .addInputs(CUBES, ORDER)
            .setOutputs(OUTPUT);
  }

  /** The fp32 graph, its weights all zero: see {@link GraphState#load}. */
  public static ComputationGraph of(Training training) {
    return of(training, DataType.FLOAT);
  }

  /** The graph in fp32 or, for gradient checks, fp64. */
  static ComputationGraph of(Training training, DataType type) {
    ComputationGraph graph = new ComputationGraph(configuration(training, type));
    graph.init();
    return graph;
  }

  static ComputationGraphConfiguration configuration(Training training, DataType type) {
    VideoMaeGraph graph = new VideoMaeGraph(training, type);
    graph.encoder();
    if (training.model().task() instanceof Task.Pretraining task) {
      graph.decoder(task);
    } else if (training.model().pretrains()) {
      graph.heldOfMocoV3();
    } else {
      graph.classifier();
    }
    return graph.builder.build();
  }

  /** The vertex whose output is the encoder's: its final norm, or its last block without one. */
  static String encoderOutput(Training training) {
    return training.model().task() instanceof Task.Pretraining
        ? NORM
        : "encoder" + (training.model().encoder().depth() - 1);
  }

  /**
   * Readies the graph for training on a batch of these samples: puts the factors of drop path and
   * dropout ({@link io.tubelet.train.DropPath}) next to the graph, since a DL4J layer has one
   * input. {@link #dropNothing} undoes it.
   */
  @SuppressWarnings("try") // the scope is held, not used
  public static void drop(
      ComputationGraph graph, Training training, long seed, List<String> samples) {
    float[] flat = training.dropping().factors(seed, samples, training.model());
    if (flat.length == 0) {
      return;
    }
    int branches = 2 * training.model().encoder().depth();
    try (MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
        INDArray all = Nd4j.create(flat, samples.size(), flat.length / samples.size())) {
      for (int i = 0; i < branches; i += 2) {
        scale(graph, "encoder" + i / 2, columns(all, i, i + 2).transpose().dup('c'));
      }
      scale(graph, CLASSIFIER, columns(all, branches, all.size(1)).dup('c'));
    }
  }

  private static INDArray columns(INDArray all, long from, long to) {
    return all.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to));
  }

  public static void dropNothing(ComputationGraph graph, Training training) {
    if (training.dropping().active()) {
      for (int block = 0; block < training.model().encoder().depth(); block++) {
        scale(graph, "encoder" + block, null);
      }
      scale(graph, CLASSIFIER, null);
    }
  }

  private static void scale(ComputationGraph graph, String layer, INDArray factors) {
    ((TensorLayer) graph.getLayer(layer)).scale(factors);
  }

  private void encoder() {
    Transformer size = training.model().encoder();
    layer("embedding", Kind.EMBEDDING, "videomae.embeddings.patch_embeddings.projection", 0);
    positions("positions", size.dim());
    blocks("encoder", "videomae.encoder.layer.", size);
  }

  private void decoder(Task.Pretraining task) {
    layer(NORM, Kind.NORM, "videomae.layernorm", 0);
    layer("bridge", Kind.LINEAR, "encoder_to_decoder", 0);
    layer("maskTokens", Kind.MASK_TOKENS, "mask_token", training.model().geometry().tokens());
    positions("decoderPositions", task.decoder().dim());
    blocks("decoder", "decoder.decoder_layers.", task.decoder());
    vertex("hidden", new TokenVertex(0, 0), CUBES);
    layer("decoderNorm", Kind.NORM, "decoder.norm", 0);
    layer("decoderHead", Kind.DENSE, "decoder.head", 0);
    ClipGeometry clip = training.model().geometry();
    TargetFrames frames = task.frames();
    PixelError error =
        new PixelError(task.normalisedTarget(), task.loss(), frames.from(clip), frames.count(clip));
    add(OUTPUT, loss(error));
  }

  /**
   * A detector's graph holds its weights; it would answer for all tokens, not for those of boxes.
   */
  private void classifier() {
    boolean detector = training.model().detects();
    if (detector) {
      layer(NORM, Kind.NORM, "videomae.layernorm", 0);
    }
    add("mean", new GlobalPoolingLayer.Builder(PoolingType.AVG).poolingDimensions(1).build());
    if (!detector) {
      layer("norm", Kind.NORM, "fc_norm", 0);
    }
    layer(CLASSIFIER, Kind.DENSE, "classifier", 0);
    add(OUTPUT, loss(null));
  }

  /** The graph holds the weights, for a master that another engine works for; no more. */
  private void heldOfMocoV3() {
    layer(NORM, Kind.NORM, "videomae.layernorm", 0);
    for (String part : List.of("projector", "predictor", "momentum")) {
      layer(part, Kind.LINEAR, part, 0);
    }
    add(OUTPUT, loss(null));
  }

  private static NetworkLayer loss(PixelError error) {
    return new NetworkLayer(new Spec(Kind.LOSS, "", 0, error, List.of()));
  }

  private void blocks(String vertex, String prefix, Transformer size) {
    for (int i = 0; i < size.depth(); i++) {
      layer(vertex + i, Kind.BLOCK, prefix + i, size.heads());
    }
  }

  private void positions(String name, int dim) {
    vertex(name, new TokenVertex(training.model().geometry().tokens(), dim), ORDER);
  }

  private void vertex(String name, TokenVertex vertex, String second) {
    // the graph's input last: DL4J skips an input's place when it has no derivative
    builder.addVertex(name, vertex, last, second);
    last = name;
  }

  /** A layer with the tensors whose names begin with the prefix, in the layout's order. */
  private void layer(String name, Kind kind, String prefix, int number) {
    List<Parameter> own =
        parameters.stream()
            .filter(p -> p.name().equals(prefix) || p.name().startsWith(prefix + "."))
            .toList();
    Optimizer optimizer = training.optimizer();
    double factor = optimizer.rateFactor(training.model(), own.get(0));
    double decay = own.stream().mapToDouble(optimizer::decay).max().orElse(0);
    add(
        name,
        new NetworkLayer(Spec.of(kind, prefix, number, own))
            .updatedBy(ExactAdam.of(training, factor), decay));
  }

  private void add(String name, Layer layer) {
    builder.addLayer(name, layer, last);
    last = name;
  }
}
