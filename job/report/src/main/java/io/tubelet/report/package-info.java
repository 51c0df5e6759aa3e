/**
 * The page that a run is told with: what it holds and how it becomes one HTML file that needs no
 * network and no other file; and the Markdown page of an experiment. Read {@link
 * io.tubelet.report.RunReport} first, then {@link io.tubelet.report.HtmlReport}. The markup is in
 * {@code src/main/jte}. May use {@code picture}, the core and the template engine's runtime.
 */
package io.tubelet.report;
