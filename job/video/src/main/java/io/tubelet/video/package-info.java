/**
 * Video files to frames: a source gives the windows of frames that were asked for, or a reason why
 * not. Read {@link io.tubelet.video.InThread} first. May use the core's {@code clip}.
 *
 * <p>FFmpeg's C interface is used directly, because JavaCV's {@code FFmpegFrameGrabber} differs on
 * files of the tests: it loses two of 240 frames of {@code mpeg4-xvid-bframes.avi}, takes another
 * stream of {@code second-stream-is-default.mkv}, takes {@code cover-alone.mp4} and {@code
 * picture-named.mp4} for videos, gives no reason for {@code encrypted.mp4}, and passes over packets
 * that do not decode without a word.
 *
 * <p>Whatever is allocated natively belongs to the object that allocated it and is freed by its
 * {@code close}; no {@link org.bytedeco.javacpp.Pointer} with a deallocator of its own is made.
 */
package io.tubelet.video;
