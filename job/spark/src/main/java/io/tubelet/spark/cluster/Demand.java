package io.tubelet.spark.cluster;

/**
 * What a verb wants of a cluster.
 *
 * @param verb its name, for messages
 * @param decodes whether it decodes videos
 * @param computes whether engines compute in it
 * @param cuda whether they must do so on a GPU
 */
public record Demand(String verb, boolean decodes, boolean computes, boolean cuda) {}
