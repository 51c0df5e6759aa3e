/**
 * What an experiment found, as a page of Markdown beside its curves. Read {@link
 * io.tubelet.report.experiment.Findings} first. May use {@code chart} and {@code core}.
 */
package io.tubelet.report.experiment;
