/**
 * Which cubes are hidden from the encoder. Hidden is {@code true}, always. Read {@link
 * io.tubelet.masking.Masking.TubeMasking} first. May use {@code clip}.
 */
package io.tubelet.masking;
