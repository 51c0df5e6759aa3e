/**
 * One video file through FFmpeg's C interface: bytes in, packets, frames, scaled RGB pixels out.
 * Read {@link io.tubelet.video.ffmpeg.VideoFile} first. May use {@code source}; nothing outside
 * {@code io.tubelet.video} uses it.
 *
 * <p>Whatever is allocated natively belongs to the object that allocated it and is freed by its
 * {@code close}; no {@link org.bytedeco.javacpp.Pointer} with a deallocator of its own is made.
 */
package io.tubelet.video.ffmpeg;
