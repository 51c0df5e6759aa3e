/**
 * Weights under other people's names: Hugging Face's files and the official checkpoints. Key by
 * key, with a report; no file access. Read {@link io.tubelet.exchange.WeightImport} first. May use
 * {@code geometry}, {@code model}, {@code checkpoint}.
 */
package io.tubelet.exchange;
