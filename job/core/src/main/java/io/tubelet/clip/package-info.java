/**
 * A clip: its size and how it falls into cubes, its frames as bytes, and the random stream that
 * belongs to its name. Everything else is written in the numbers of {@link
 * io.tubelet.clip.ClipGeometry}; read it first. Uses the JDK only.
 */
package io.tubelet.clip;
