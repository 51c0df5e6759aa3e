/**
 * Video files to frames: a source gives the windows of frames that were asked for, or a reason why
 * not. Read {@link io.tubelet.video.VideoDecoder} first, then {@link io.tubelet.video.InThread}.
 * May use the core's {@code clip}.
 *
 * <p>FFmpeg's C interface is used directly. JavaCV's {@code FFmpegFrameGrabber} would decode most
 * files, but it takes a cover for the video ({@code cover-first.mp4}), passes over the stream
 * marked as default ({@code second-stream-is-default.mkv}), does not tell an encrypted file ({@code
 * encrypted.mp4}), and knows neither time limits nor packets that do not decode.
 *
 * <p>Whatever is allocated natively belongs to the object that allocated it and is freed by its
 * {@code close}; no {@link org.bytedeco.javacpp.Pointer} with a deallocator of its own is made.
 */
package io.tubelet.video;
