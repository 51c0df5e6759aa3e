/**
 * Decoding in processes of their own, so that a file that crashes, hangs or bloats FFmpeg costs one
 * row of the quarantine and not an executor. Read {@link io.tubelet.video.isolate.InProcess} first.
 * May use {@code io.tubelet.video}.
 *
 * <p>Parent and child send each other objects over the child's standard input and output, one file
 * at a time. The file's bytes stay with the parent, which alone knows the storage:
 *
 * <pre>
 * parent: Task
 * child:  Open      parent: Opened, or an exception
 * child:  Read      parent: a byte[], empty at the end, or an exception
 * child:  Decoded
 * </pre>
 */
package io.tubelet.video.isolate;
