/**
 * The engine {@code nd4j}: the network as a DL4J {@code ComputationGraph}, trained by DL4J's own
 * solver on ND4J arrays. Read {@link io.tubelet.engine.dl4j.VideoMaeGraph} first. May use {@code
 * conf}, {@code arithmetic}, and of the core {@code cube}, {@code engine}, {@code model}, {@code
 * training}.
 */
package io.tubelet.engine.dl4j;
