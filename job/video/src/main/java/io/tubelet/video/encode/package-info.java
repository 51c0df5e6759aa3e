/**
 * Frames to video files, for the embedded data set and for tests. Read {@link
 * io.tubelet.video.encode.VideoEncoder} first. May use the core's {@code clip}.
 */
package io.tubelet.video.encode;
