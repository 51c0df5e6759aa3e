package io.tubelet.engine.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tubelet.engine.Batches.Gradient;
import io.tubelet.engine.Engine;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.train.TrainState;
import io.tubelet.train.Training;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class VideoMaeGraphTest {
  private static final List<ModelSpec> MODELS =
      List.of(Tiny.pretraining(true), Tiny.pretraining(false), Tiny.classifier());

  @TempDir private Path folder;

  private static BatchArrays batch(ModelSpec model, int epoch) {
    return BatchArrays.of(
        model.equals(Tiny.classifier()) ? Tiny.labelled(3, epoch) : Tiny.masked(3, epoch));
  }

  private static ComputationGraph trained(Training training, int steps) {
    ComputationGraph graph = VideoMaeGraph.of(training);
    GraphState.load(graph, TrainState.start(Tiny.parameters(training.model())));
    train(graph, training.model(), 0, steps);
    return graph;
  }

  private static void train(ComputationGraph graph, ModelSpec model, int from, int to) {
    for (int step = from; step < to; step++) {
      try (BatchArrays arrays = batch(model, step)) {
        graph.fit(arrays.features(), new INDArray[] {arrays.labels()});
      }
    }
  }

  private static TrainState state(ComputationGraph graph, ModelSpec model) {
    return GraphState.read(graph, ParameterLayout.of(model));
  }

  @Test
  void keepsTheTensorsOfTheLayoutInItsOrder() {
    for (ModelSpec model : MODELS) {
      ComputationGraph graph = VideoMaeGraph.of(Tiny.training(model, Tiny.LAYERED));
      List<String> names = new ArrayList<>();
      List<List<Integer>> shapes = new ArrayList<>();
      graph
          .paramTable()
          .forEach(
              (key, view) -> {
                names.add(key.substring(key.indexOf('_') + 1));
                List<Integer> shape = new ArrayList<>();
                for (long size : view.shape()) {
                  shape.add((int) size);
                }
                shapes.add(shape);
              });
      List<Parameter> expected = ParameterLayout.of(model).parameters();
      assertThat(names).isEqualTo(expected.stream().map(Parameter::name).toList());
      assertThat(shapes).isEqualTo(expected.stream().map(Parameter::shape).toList());
      assertThat(graph.numParams()).isEqualTo(ParameterLayout.of(model).count());
      graph.close();
    }
  }

  @Test
  void outlivesDl4jsZip() throws IOException {
    for (ModelSpec model : MODELS) {
      Training training = Tiny.training(model, Tiny.LAYERED);
      ComputationGraph graph = trained(training, 3);
      ModelSerializer.writeModel(graph, folder.resolve("net.zip").toFile(), true);
      ComputationGraph loaded =
          ModelSerializer.restoreComputationGraph(folder.resolve("net.zip").toFile(), true);

      assertThat(state(loaded, model)).isEqualTo(state(graph, model));
      try (BatchArrays arrays = batch(model, 0)) {
        assertThat(loaded.output(arrays.features())[0].data().asFloat())
            .isEqualTo(graph.output(arrays.features())[0].data().asFloat());
      }
      train(graph, model, 3, 6);
      train(loaded, model, 3, 6);
      assertThat(state(loaded, model)).isEqualTo(state(graph, model));
    }
  }

  @Test
  void itsConfigurationOutlivesJsonAndJavaSerialisation() throws Exception {
    for (ModelSpec model : MODELS) {
      ComputationGraphConfiguration conf =
          VideoMaeGraph.configuration(Tiny.training(model, Tiny.LAYERED), DataType.FLOAT);
      String json = conf.toJson();
      assertThat(ComputationGraphConfiguration.fromJson(json).toJson()).isEqualTo(json);
      assertThat(conf.clone().toJson()).isEqualTo(json);

      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
        out.writeObject(conf);
      }
      try (ObjectInputStream in =
          new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
        assertThat(((ComputationGraphConfiguration) in.readObject()).toJson()).isEqualTo(json);
      }
    }
  }

  @Test
  void trainsOnDl4jsDataSetAsTheEngineDoes() {
    Training training = Tiny.training(Tiny.pretraining(true), Tiny.ADAM_W);
    ComputationGraph graph = trained(training, 0);
    try (Engine engine = Tiny.engine(training)) {
      for (int step = 0; step < 3; step++) {
        graph.fit(Tiny.dataSet(Tiny.masked(3, step)));
        assertThat(engine.step(Tiny.masked(3, step)).loss()).isEqualTo(graph.score());
      }
      assertThat(engine.state()).isEqualTo(state(graph, training.model()));
    }
    graph.close();
  }

  @Test
  void acceptsBatchesOfChangingSize() {
    Training training = Tiny.training(Tiny.pretraining(true), Tiny.ADAM_W);
    try (Engine changing = Tiny.engine(training);
        Engine fresh = Tiny.engine(training)) {
      Gradient.of(changing, Tiny.masked(5, 0));
      changing.predict(Tiny.masked(1, 0));
      changing.encode(Tiny.labelled(6, 0));
      assertThat(Gradient.of(changing, Tiny.masked(2, 1)).values())
          .isEqualTo(Gradient.of(fresh, Tiny.masked(2, 1)).values());
    }
  }

  @Test
  void refusesToReadAnotherNetwork() {
    ComputationGraph graph = trained(Tiny.training(Tiny.pretraining(true), Tiny.ADAM_W), 0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> state(graph, Tiny.classifier()))
        .withMessageContaining("does not fit");
    graph.close();
  }
}
