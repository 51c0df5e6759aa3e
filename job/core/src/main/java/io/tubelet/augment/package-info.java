/**
 * Crops, flips and resizes of clips, drawn from (seed, epoch, clip id). Read {@link
 * io.tubelet.augment.Augmentation} first. May use {@code geometry}, {@code clip}.
 */
package io.tubelet.augment;
