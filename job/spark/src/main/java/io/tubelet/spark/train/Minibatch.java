package io.tubelet.spark.train;

import java.net.URI;

/**
 * The name of one minibatch, as dl4j-spark's paths carry it: {@code round/3/replica/0/step/2}.
 *
 * @param round number of the round
 * @param replica number of the replica
 * @param step number within the round
 */
record Minibatch(long round, int replica, int step) {

  String path() {
    return "round/%d/replica/%d/step/%d".formatted(round, replica, step);
  }

  /**
   * @throws IllegalArgumentException if the text is no such name
   */
  static Minibatch parse(String path) {
    String[] parts = URI.create(path).getPath().split("/", -1);
    if (parts.length != 6) {
      throw new IllegalArgumentException("not the name of a minibatch: " + path);
    }
    return new Minibatch(
        Long.parseLong(parts[1]), Integer.parseInt(parts[3]), Integer.parseInt(parts[5]));
  }
}
