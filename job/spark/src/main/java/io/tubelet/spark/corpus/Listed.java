package io.tubelet.spark.corpus;

import java.util.List;

/** Rows of a list: videos, and what is none. */
record Listed(List<SourceVideo> videos, List<Quarantined> refused) {

  /** A row that cannot be used, named by file and line. */
  static Quarantined badRow(String where, String detail) {
    return new Quarantined(where, "BAD_ROW", detail);
  }
}
