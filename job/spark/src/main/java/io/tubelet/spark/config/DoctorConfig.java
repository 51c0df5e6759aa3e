package io.tubelet.spark.config;

import java.io.Serializable;

/**
 * What the verb {@code doctor} looks at.
 *
 * @param data the corpora, instead of the machine
 */
public record DoctorConfig(boolean data) implements Serializable {

  static DoctorConfig read(Section doctor) {
    return new DoctorConfig(doctor.flag("data"));
  }
}
