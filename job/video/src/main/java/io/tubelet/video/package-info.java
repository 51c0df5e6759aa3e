/**
 * Video files to frames and back: a source gives the windows of frames that were asked for, or a
 * reason why not. Read {@link io.tubelet.video.VideoDecoder} first. May use {@code source}, {@code
 * ffmpeg} and the core's {@code clip}.
 */
package io.tubelet.video;
