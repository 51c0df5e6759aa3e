/**
 * The engine {@code nd4j}: the network as a DL4J {@code ComputationGraph}, whose steps are ND4J
 * operations from the batch's bytes to the loss. Read {@link io.tubelet.engine.dl4j.VideoMaeGraph}
 * first. May use {@code layer} and of the core {@code clip}, {@code cube}, {@code engine}, {@code
 * model}, {@code train}.
 */
package io.tubelet.engine.dl4j;
