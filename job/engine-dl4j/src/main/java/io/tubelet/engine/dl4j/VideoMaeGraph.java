package io.tubelet.engine.dl4j;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.engine.dl4j.conf.AddPositions;
import io.tubelet.engine.dl4j.conf.CubeEmbedding;
import io.tubelet.engine.dl4j.conf.DecoderInput;
import io.tubelet.engine.dl4j.conf.ExactAdam;
import io.tubelet.engine.dl4j.conf.HiddenTokens;
import io.tubelet.engine.dl4j.conf.LayerParameters;
import io.tubelet.engine.dl4j.conf.PooledClassifier;
import io.tubelet.engine.dl4j.conf.ReconstructionOutput;
import io.tubelet.engine.dl4j.conf.StepRate;
import io.tubelet.engine.dl4j.conf.TransformerBlock;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Task;
import io.tubelet.model.Transformer;
import io.tubelet.training.Optimizer;
import io.tubelet.training.Training;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * A {@link Training} as a DL4J graph (arXiv 2203.12602, section 3):
 *
 * <pre>
 * cubes → embedding → (+ positions) → encoder0 … → decoderInput → (+ positions) → decoder0 … → hidden → output
 *                                      encoder0 … → output                                  (classification)
 * </pre>
 *
 * <p>The graph's inputs and labels are those of {@link BatchArrays}. Its flat parameter vector is
 * the tensors of {@link ParameterLayout} one behind the other, in its order.
 */
public final class VideoMaeGraph {
  /** The graph's input of visible cubes, uint8 {@code [batch, visible, cubeValues]}. */
  static final String CUBES = "cubes";

  /** The graph's input of token indices, int32 {@code [batch, rows]}. */
  static final String ORDER = "order";

  /** The vertex that makes predictions. */
  static final String OUTPUT = "output";

  /** The layer between encoder and decoder. */
  static final String BRIDGE = "decoderInput";

  private static final String ENCODER = "videomae.encoder.layer.";
  private static final String DECODER = "decoder.decoder_layers.";

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

  /** The graph's configuration, for fp32. */
  public static ComputationGraphConfiguration configuration(Training training) {
    return configuration(training, DataType.FLOAT);
  }

  private static ComputationGraphConfiguration configuration(Training training, DataType type) {
    VideoMaeGraph graph = new VideoMaeGraph(training, type);
    graph.encoder();
    if (training.model().task() instanceof Task.Pretraining task) {
      graph.decoder(task);
    } else {
      graph.classifier();
    }
    return graph.builder.build();
  }

  /** The vertex whose output is the encoder's: its last block. */
  static String encoderOutput(Training training) {
    return "encoder" + (training.model().encoder().depth() - 1);
  }

  private void encoder() {
    Transformer size = training.model().encoder();
    layer("embedding", new CubeEmbedding(layerParameters("videomae.embeddings.")));
    positions("positions", size.dim());
    blocks("encoder", ENCODER, size);
  }

  private void decoder(Task.Pretraining task) {
    long tokens = training.model().geometry().tokens();
    LayerParameters bridge =
        layerParameters("videomae.layernorm.", "encoder_to_decoder.", "mask_token");
    layer(BRIDGE, new DecoderInput(bridge, tokens));
    positions("decoderPositions", task.decoder().dim());
    blocks("decoder", DECODER, task.decoder());
    builder.addVertex("hidden", new HiddenTokens(), last, CUBES);
    last = "hidden";
    LayerParameters head = layerParameters("decoder.norm.", "decoder.head.");
    ClipGeometry clip = training.model().geometry();
    int from = task.frames().from(clip);
    int count = task.frames().count(clip);
    layer(
        OUTPUT, new ReconstructionOutput(head, task.normalisedTarget(), task.loss(), from, count));
  }

  private void classifier() {
    layer(OUTPUT, new PooledClassifier(layerParameters("fc_norm.", "classifier.")));
  }

  private void blocks(String vertex, String prefix, Transformer size) {
    for (int i = 0; i < size.depth(); i++) {
      String name = prefix + i;
      layer(vertex + i, new TransformerBlock(layerParameters(name + "."), name, size.heads()));
    }
  }

  private void layer(String name, org.deeplearning4j.nn.conf.layers.Layer layer) {
    builder.addLayer(name, layer, last);
    last = name;
  }

  private void positions(String name, int dim) {
    // token indices last: DL4J skips an input's place when it has no derivative
    AddPositions positions = new AddPositions(training.model().geometry().tokens(), dim);
    builder.addVertex(name, positions, last, ORDER);
    last = name;
  }

  /** The tensors whose names begin so, in the layout's order. */
  private LayerParameters layerParameters(String... prefixes) {
    List<Parameter> own =
        parameters.stream()
            .filter(p -> List.of(prefixes).stream().anyMatch(p.name()::startsWith))
            .toList();
    Optimizer optimizer = training.optimizer();
    double factor = optimizer.rateFactor(training.model(), own.get(0));
    double decay = own.stream().mapToDouble(optimizer::decay).max().orElse(0);
    return LayerParameters.of(own, updater(factor), decay);
  }

  private IUpdater updater(double factor) {
    StepRate rate = StepRate.of(training.learningRate(), factor);
    if (training.optimizer() instanceof Optimizer.AdamW adam) {
      return new ExactAdam(rate, adam.beta1(), adam.beta2(), adam.epsilon());
    }
    return new Sgd(rate);
  }
}
