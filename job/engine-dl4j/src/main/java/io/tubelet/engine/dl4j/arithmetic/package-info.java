/**
 * The network's functions and their derivatives on ND4J arrays, for fp32 and fp64. Matrix products
 * are ND4J's (BLAS); what is not a product is a Java loop over blocks, see {@link
 * io.tubelet.engine.dl4j.arithmetic.Values}. Outputs are given by the caller, who knows the
 * workspace they belong to; nothing here allocates native memory. Read {@link
 * io.tubelet.engine.dl4j.arithmetic.Attention} first. May use {@code geometry}, {@code model}.
 */
package io.tubelet.engine.dl4j.arithmetic;
