/**
 * Cubes (tubelets): how frames are cut into them and how a batch of them travels from the reader to
 * an engine. Read {@link io.tubelet.cube.CubeBatch} first. May use {@code clip}, {@code masking}.
 */
package io.tubelet.cube;
