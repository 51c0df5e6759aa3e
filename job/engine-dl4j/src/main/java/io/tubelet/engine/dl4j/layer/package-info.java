/**
 * The layers of the network, with forward and backward passes of ND4J operations written by hand:
 * on a card all of them run there. {@link io.tubelet.engine.dl4j.layer.NetworkLayer} is what DL4J
 * stores and sends, {@link io.tubelet.engine.dl4j.layer.TensorLayer} what it runs, and a {@link
 * io.tubelet.engine.dl4j.layer.Differentiable} does the arithmetic. Read {@link
 * io.tubelet.engine.dl4j.layer.TransformerBlock} first. May use {@code clip}, {@code model}, {@code
 * train}.
 */
package io.tubelet.engine.dl4j.layer;
