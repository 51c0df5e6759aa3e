package io.tubelet.spark.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RangeTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "[0, 1]; 0; true",
        "[0, 1]; 1; true",
        "(0, 1); 0; false",
        "(0, 1); 1; false",
        "(0, 1); 1e-9; true",
        "(0, 1]; 1.000001; false",
        "[2, 1e6]; 1000000; true",
        "[2, 1e6]; 1.9; false",
      })
  void hasItsEndsWhereTheBracketIsSquare(String interval, BigDecimal value, boolean inside) {
    assertThat(Values.Range.of(interval).contains(value)).isEqualTo(inside);
  }

  @Test
  void rejectsOtherNotations() {
    assertThatThrownBy(() -> Values.Range.of("0..1")).hasMessageContaining("0..1");
  }
}
