/**
 * Pictures of a run: charts, laid out for SVG, and clips as PNG and GIF: what the network saw, what
 * was hidden from it and what it made of that. Read {@link io.tubelet.report.picture.Chart} and
 * {@link io.tubelet.report.picture.ReconstructionStrip} first. May use the core and the JDK's
 * writers of pictures.
 */
package io.tubelet.report.picture;
