/**
 * "Is this normal?": judges a run by its curves, counts and settings. Pure functions; read {@link
 * io.tubelet.report.advice.Checkup} first. May use the report's parts and the JDK.
 */
package io.tubelet.report.advice;
