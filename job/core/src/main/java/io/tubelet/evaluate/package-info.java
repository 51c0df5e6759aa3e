/**
 * What a network is worth and what it looks at: from class scores of views to accuracies of videos,
 * and the attention of its last block. Read {@link io.tubelet.evaluate.MultiView} first. May use
 * {@code clip} and {@code model}.
 */
package io.tubelet.evaluate;
