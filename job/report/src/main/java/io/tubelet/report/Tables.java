package io.tubelet.report;

import java.util.List;

/**
 * A sentence and some tables: what needs no chart.
 *
 * @param title its heading
 * @param lead what the tables say, in a sentence
 * @param tables in the order to show them; those without rows are left out
 */
public record Tables(String title, String lead, List<Table> tables) implements Part {

  /** Copies the list. */
  public Tables {
    tables = tables.stream().filter(table -> !table.rows.isEmpty()).toList();
  }

  /**
   * Texts in rows; a column whose texts are all numbers is set as such.
   *
   * @param caption what the rows are
   * @param header one name a column
   * @param rows one text a column, the first of which names the row
   */
  public record Table(String caption, List<String> header, List<List<String>> rows) {

    /**
     * @throws IllegalArgumentException if a row has more or fewer columns than the header
     */
    public Table {
      header = List.copyOf(header);
      rows = List.copyOf(rows);
      int columns = header.size();
      if (rows.stream().anyMatch(row -> row.size() != columns)) {
        throw new IllegalArgumentException(
            "rows of '%s' are not %d wide".formatted(caption, columns));
      }
    }

    /** The rows that the page has room for. */
    public List<List<String>> shown() {
      return rows.subList(0, Math.min(HtmlReport.MOST_ROWS, rows.size()));
    }

    /** The style of a column. */
    public String style(int column) {
      boolean numbers = rows.stream().allMatch(row -> row.get(column).matches("[-–\\d][\\d,.]*"));
      return numbers ? "number" : "long";
    }
  }
}
