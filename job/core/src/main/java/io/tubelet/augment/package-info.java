/**
 * Crops, flips, colours and mixtures of clips, drawn from (seed, epoch, sample): bytes in, bytes
 * out. Read {@link io.tubelet.augment.Augmentation} first. May use {@code geometry}, {@code clip}.
 */
package io.tubelet.augment;
