/**
 * Action detection as AVA has it (arXiv 1705.08421): persons in boxes at key frames, one a second,
 * each of whom does several things at once. Read {@link io.tubelet.detect.KeyFrame} first; {@link
 * io.tubelet.detect.AvaFiles} reads the files of the data set, {@link io.tubelet.detect.FrameMap}
 * is its metric. No file access. May use {@code clip} and {@code evaluate}.
 */
package io.tubelet.detect;
