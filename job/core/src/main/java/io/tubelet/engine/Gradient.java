package io.tubelet.engine;

import io.tubelet.model.Parameters;

/**
 * Loss of a batch and its derivative.
 *
 * @param loss mean loss over the batch
 * @param values derivative by every parameter
 */
public record Gradient(double loss, Parameters values) {}
