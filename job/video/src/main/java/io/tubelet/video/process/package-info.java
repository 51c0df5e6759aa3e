/**
 * Decoding in processes of their own, so that a file that crashes, hangs or bloats FFmpeg costs one
 * row of the quarantine and not an executor. Read {@link io.tubelet.video.process.InProcess} first.
 * May use {@code io.tubelet.video} and {@code source}.
 *
 * <p>Parent and child talk over the child's standard input and output, one file at a time. Numbers
 * are big-endian; text and pixels follow their length. The file's bytes stay with the parent, which
 * alone knows the storage:
 *
 * <pre>
 * child:  READY
 * parent: name, windows, limits
 * child:  OPEN                        parent: size, or -1 and why not
 * child:  READ position count         parent: length and bytes, -1 at the end, or -2 and why not
 * child:  CLOSE
 * child:  CLIPS info starts windows   or  REFUSED reason detail
 * </pre>
 */
package io.tubelet.video.process;
