/**
 * The page a run is told with: what it holds and how it becomes one HTML file that needs no network
 * and no other file. Read {@link io.tubelet.report.RunReport} first, then {@link
 * io.tubelet.report.HtmlReport}. The markup stands in {@code src/main/jte}. May use {@code chart},
 * {@code picture} and the template engine's runtime.
 */
package io.tubelet.report;
