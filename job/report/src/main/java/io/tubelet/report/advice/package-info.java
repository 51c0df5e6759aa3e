/**
 * "Is this normal?": judges a run by its curves, counts and settings. Pure functions; read {@link
 * io.tubelet.report.advice.Checkup} first. May use the report's parts, {@code model} and {@code
 * geometry}.
 */
package io.tubelet.report.advice;
