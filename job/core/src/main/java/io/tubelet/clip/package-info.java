/**
 * A clip: some frames of a video as bytes, its name and its label, and the random stream that
 * belongs to that name. Read {@link io.tubelet.clip.Frames} first. May use {@code geometry}.
 */
package io.tubelet.clip;
