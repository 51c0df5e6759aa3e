/**
 * The embedded data sets: clips whose class is a property of motion alone, made from a seed. Read
 * {@link io.tubelet.video.motion.MotionClip} first; {@link io.tubelet.video.motion.MotionSet} makes
 * files of them with JavaCV. In a {@link io.tubelet.video.motion.FigureFilm} several figures have
 * such a class each; {@link io.tubelet.video.motion.FigureSet} adds AVA's files for detection. May
 * use the core's {@code clip} and {@code detect}.
 *
 * <p>Why one frame says nothing of the class: the camera's place on a torus, its angle on a circle
 * and its scale on a wrapping interval are uniform, and every class only shifts one of them, which
 * leaves a uniform distribution as it is. So the frames of all classes have the same distribution
 * at every time. Moreover left and right, up and down, both rotations, and zooming in and out are
 * one another run backwards, so that not even the set of a clip's frames tells these apart.
 *
 * <p>The pixels are the same on every platform: {@code StrictMath} and the arithmetic of Java 17,
 * which is strict everywhere.
 */
package io.tubelet.video.motion;
