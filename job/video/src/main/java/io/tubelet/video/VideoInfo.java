package io.tubelet.video;

import java.io.Serializable;

/**
 * What is known of a video after reading it.
 *
 * @param codec FFmpeg's name
 * @param width columns as shown, after rotation
 * @param height rows as shown, after rotation
 * @param framesPerSecond mean rate as the container says, or else as its timestamps say; 0 if
 *     neither does
 * @param seconds from the first frame's beginning to the last one's end; 0 if unknown
 * @param frames that decode; in a file too long to be decoded whole, its video packets
 * @param warnings packets that do not decode and frames with flaws among what was read; 0 for an
 *     intact file
 */
public record VideoInfo(
    String codec,
    int width,
    int height,
    double framesPerSecond,
    double seconds,
    int frames,
    int warnings)
    implements Serializable {}
