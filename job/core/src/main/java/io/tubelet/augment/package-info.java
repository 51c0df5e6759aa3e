/**
 * Crops, flips, colours and mixtures of clips, drawn from (seed, epoch, sample): bytes in, bytes
 * out. Read {@link io.tubelet.augment.Augmentation} first. RandAugment's operations are drawn once
 * a clip, done alike to all of its frames, and do to a frame what PIL's operation of that name
 * does, whose pictures the published recipe was tuned on. May use {@code clip} and {@code detect}.
 */
package io.tubelet.augment;
