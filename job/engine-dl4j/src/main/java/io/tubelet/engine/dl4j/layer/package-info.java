/**
 * The layers and vertices of the network as DL4J runs them, with forward and backward passes
 * written by hand. A layer keeps what its backward pass needs between the two and frees it in
 * {@code clear()}; arrays come from DL4J's workspaces. Parameter keys are the tensors' full names.
 * Read {@link io.tubelet.engine.dl4j.layer.TransformerBlockLayer} first. May use {@code
 * arithmetic}, {@code model}.
 */
package io.tubelet.engine.dl4j.layer;
