/**
 * RandAugment (arXiv 1909.13719) on clips: 15 operations, drawn once a clip and done alike to all
 * of its frames. What an operation does to a frame is what PIL's operation of that name does, whose
 * pictures the published recipe was tuned on. Read {@link io.tubelet.augment.policy.RandAugment}
 * first. May use {@code geometry}, {@code clip}.
 */
package io.tubelet.augment.policy;
