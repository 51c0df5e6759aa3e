package io.tubelet.report.picture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class NumberTextTest {
  @Test
  void writesAboutFourDigits() {
    assertThat(NumberText.of(0.6123)).isEqualTo("0.612");
    assertThat(NumberText.of(1.5e-4)).isEqualTo("1.50e-4");
    assertThat(NumberText.of(123.45)).isEqualTo("123.5");
    assertThat(NumberText.of(12345.6)).isEqualTo("12,346");
    assertThat(NumberText.of(0.0)).isEqualTo("0");
    assertThat(NumberText.of(Double.NaN)).isEqualTo("–");
    assertThat(NumberText.percent(0.8333)).isEqualTo("83.3\u00a0%");
    assertThat(NumberText.percent(Double.NaN)).isEqualTo("–");
  }

  @Test
  void writesTheSameInEveryLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(NumberText.of(0.5)).isEqualTo("0.500");
      assertThat(NumberText.count(1234)).isEqualTo("1,234");
    } finally {
      Locale.setDefault(before);
    }
  }
}
