package io.tubelet.engine;

/**
 * Whether an engine can compute on a device.
 *
 * @param usable whether it can
 * @param reason what was found, or why not and what to use instead
 */
public record Availability(boolean usable, String reason) {}
