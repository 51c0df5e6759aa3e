package io.tubelet.spark.cluster;

import io.tubelet.engine.EngineUnavailableException;
import io.tubelet.engine.torch.Natives;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.resource.ResourceInformation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The GPUs that this process sees. A standalone worker tells its executors which GPUs are theirs
 * and hides none; a program that looks at all of them makes a context, some hundred megabytes, on
 * each.
 */
final class VisibleGpus {
  private static final Logger LOG = LoggerFactory.getLogger(VisibleGpus.class);
  private static volatile List<String> addresses = List.of();

  private VisibleGpus() {}

  /**
   * Hides all GPUs but those of this executor, unless the cluster has done so: YARN with GPU
   * isolation and Kubernetes show a container its own GPUs only, and {@code CUDA_VISIBLE_DEVICES}
   * may be set already. Must come before CUDA starts.
   */
  static void isolate(Map<String, ResourceInformation> resources, Map<String, String> environment) {
    ResourceInformation gpus = resources.get("gpu");
    if (gpus == null) {
      return;
    }
    if (environment.containsKey(Natives.VISIBLE_CARDS)) {
      LOG.info("GPUs are isolated already: {}", environment.get(Natives.VISIBLE_CARDS));
      return;
    }
    List<String> own = Arrays.asList(gpus.addresses());
    try {
      Natives.showCards(own);
      addresses = List.copyOf(own);
    } catch (LinkageError | RuntimeException e) {
      LOG.warn("cannot hide other executors' GPUs: {}", e.toString());
    }
  }

  /**
   * CUDA's number for an address.
   *
   * @throws EngineUnavailableException if it is none that this process sees
   */
  static int index(String address) {
    int index = addresses.isEmpty() ? number(address) : addresses.indexOf(address);
    if (index < 0) {
      throw new EngineUnavailableException(
          "the task was given GPU '%s'; the executor sees %s"
              .formatted(address, addresses.isEmpty() ? "GPUs by number only" : addresses));
    }
    return index;
  }

  private static int number(String address) {
    return address.matches("\\d{1,4}") ? Integer.parseInt(address) : -1;
  }
}
