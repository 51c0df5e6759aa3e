/**
 * Curves as paths: axes with round numbers, thinning, lines and stacked bars. Nothing here writes
 * markup; a drawn {@link io.tubelet.report.chart.Chart} is what the template {@code chart.jte}
 * prints as SVG. Read {@link io.tubelet.report.chart.Chart} first. Uses the JDK only.
 */
package io.tubelet.report.chart;
