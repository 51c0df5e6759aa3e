package io.tubelet.report.advice;

import io.tubelet.report.Advice;
import io.tubelet.report.Advice.Finding;
import io.tubelet.report.Advice.Verdict;
import io.tubelet.report.DataHealth;
import io.tubelet.report.EmbeddingMap;
import io.tubelet.report.FineTuning;
import io.tubelet.report.Pretraining;
import io.tubelet.report.RunReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Looks a run over. Every check gives one finding, so that a reader sees what was looked at and not
 * only what was found; those that warn come first.
 */
public final class Checkup {
  private Checkup() {}

  /** All checks that the parts of a report allow. */
  public static Advice of(RunReport report, Setup setup) {
    List<Finding> findings = new ArrayList<>();
    report
        .part(Pretraining.class)
        .ifPresent(
            part -> {
              CurveChecks curves = new CurveChecks(part);
              findings.add(curves.learns());
              findings.add(curves.isSteady());
              findings.add(curves.hasBoundedGradients());
              findings.add(curves.isFed());
              findings.add(SetupChecks.hides(setup));
              findings.add(SetupChecks.normalises(setup));
            });
    report.part(EmbeddingMap.class).map(ResultChecks::features).ifPresent(findings::add);
    report.part(FineTuning.class).map(ResultChecks::all).ifPresent(findings::addAll);
    report.part(DataHealth.class).map(SetupChecks::reads).ifPresent(findings::add);
    findings.sort(Comparator.comparing(Finding::verdict));
    return new Advice(findings);
  }

  static Finding warning(String check, String seen, String advice) {
    return new Finding(check, Verdict.WARNING, seen, advice);
  }

  static Finding fine(String check, String seen, String advice) {
    return new Finding(check, Verdict.FINE, seen, advice);
  }

  static Finding unknown(String check, String seen, String advice) {
    return new Finding(check, Verdict.UNKNOWN, seen, advice);
  }
}
