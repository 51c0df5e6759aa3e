/**
 * Pictures of clips: what the network saw, what was hidden from it and what it made of that. Read
 * {@link io.tubelet.report.picture.ReconstructionStrip} first. May use {@code geometry}, {@code
 * clip}, {@code cube} and {@code model} of the core, and the JDK's writers of pictures.
 */
package io.tubelet.report.picture;
