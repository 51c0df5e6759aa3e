package io.tubelet.spark.cli;

import java.util.Objects;
import org.apache.spark.package$;
import picocli.CommandLine.IVersionProvider;

/** Versions of the job and of what it runs on. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String own = Version.class.getPackage().getImplementationVersion();
    return new String[] {
      "tubelet %s, Spark %s, Java %s"
          .formatted(
              Objects.requireNonNullElse(own, "(built from classes)"),
              package$.MODULE$.SPARK_VERSION(),
              Runtime.version())
    };
  }
}
