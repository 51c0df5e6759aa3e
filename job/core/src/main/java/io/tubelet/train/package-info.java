/**
 * Training without arithmetic on pixels: the update rule, the schedule, the state, and which
 * replica gets which clips. Read {@link io.tubelet.train.SamplePlan} first. May use {@code clip},
 * {@code model}.
 */
package io.tubelet.train;
