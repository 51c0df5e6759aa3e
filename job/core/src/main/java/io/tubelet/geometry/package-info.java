/**
 * Sizes: how many frames and pixels a clip has and how it falls into cubes. Everything else is
 * written in these numbers. Read {@link io.tubelet.geometry.ClipGeometry} first. Uses the JDK only.
 */
package io.tubelet.geometry;
