package io.tubelet.model;

import io.tubelet.geometry.ClipGeometry;

/** Frames of a hidden cube that are compared (arXiv 2203.12602, table 1c). */
public enum TargetFrames {
  /** All. */
  ALL,
  /** The clip's middle frame, in the cubes that have it; batches hold no other hidden cubes. */
  CENTRE;

  /** First of the cube's values, in the target's order, that are compared. */
  public int from(ClipGeometry geometry) {
    return this == ALL ? 0 : geometry.centreFrame() % geometry.tubelet() * count(geometry);
  }

  /** How many values are compared; a normalised target has the mean and variance of these. */
  public int count(ClipGeometry geometry) {
    return this == ALL ? geometry.cubeValues() : geometry.cubeValues() / geometry.tubelet();
  }
}
