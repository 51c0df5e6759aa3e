package io.tubelet.engine.dl4j.conf;

import io.tubelet.model.Parameter;
import java.io.Serializable;
import java.util.List;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A layer's tensors and how they are updated. All tensors of a layer share the learning rate: its
 * layer-wise factor depends on the layer alone.
 *
 * @param tensors in the order of the flat vector
 * @param updater DL4J's update rule with the schedule
 * @param weightDecay decay of the tensors that are {@link LayerTensor#decayed}, times the rate
 */
public record LayerParameters(
    @JsonProperty("tensors") List<LayerTensor> tensors,
    @JsonProperty("updater") IUpdater updater,
    @JsonProperty("weightDecay") double weightDecay)
    implements Serializable {

  /** Copies the list. */
  public LayerParameters {
    tensors = List.copyOf(tensors);
  }

  /** The tensors of one layer of the network. */
  public static LayerParameters of(
      List<Parameter> parameters, IUpdater updater, double weightDecay) {
    return new LayerParameters(
        parameters.stream().map(LayerTensor::of).toList(), updater, weightDecay);
  }

  List<String> names() {
    return tensors.stream().map(LayerTensor::name).toList();
  }

  long length() {
    return tensors.stream().mapToLong(LayerTensor::length).sum();
  }

  boolean decayed(String name) {
    return tensors.stream().anyMatch(t -> t.decayed() && t.name().equals(name));
  }
}
