/**
 * Tensors at rest: the safetensors format. Read {@link io.tubelet.weights.Safetensors} first; the
 * layout of its bytes stands there. Uses the JDK and Jackson (the cluster's own version).
 */
package io.tubelet.weights;
