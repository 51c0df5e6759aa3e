package io.tubelet.spark;

import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** One Spark for all tests of this JVM. */
public final class LocalSpark {
  private static final SparkSession SESSION =
      SparkSession.builder()
          .master("local[2,4]")
          .appName("tests")
          .config("spark.ui.enabled", false)
          .config("spark.sql.shuffle.partitions", 2)
          .config("spark.driver.host", "127.0.0.1")
          .config("spark.log.level", "WARN")
          .getOrCreate();

  private LocalSpark() {}

  /** The session. */
  public static SparkSession session() {
    return SESSION;
  }

  /** Its context. */
  public static JavaSparkContext context() {
    return new JavaSparkContext(SESSION.sparkContext());
  }
}
