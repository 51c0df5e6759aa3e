package io.tubelet.augment;

/**
 * A rectangle of pixels.
 *
 * @param top first row
 * @param left first column
 * @param height rows
 * @param width columns
 */
public record Box(int top, int left, int height, int width) {}
