/**
 * From class scores of views to accuracies of videos. Read {@link io.tubelet.evaluation.Votes}
 * first. Uses the JDK only.
 */
package io.tubelet.evaluation;
