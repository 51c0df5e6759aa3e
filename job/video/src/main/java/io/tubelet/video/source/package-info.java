/**
 * Where a video's bytes come from, what reading it may cost, and why it could not be read. Read
 * {@link io.tubelet.video.source.VideoSource} first. Uses the JDK only.
 */
package io.tubelet.video.source;
