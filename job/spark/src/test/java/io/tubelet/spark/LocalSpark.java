package io.tubelet.spark;

import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * One Spark for the tests of this JVM; a new one after a test that stops it, as the program does.
 */
public final class LocalSpark {
  private LocalSpark() {}

  /** The session. */
  public static SparkSession session() {
    return SparkSession.builder()
        .master("local[2,4]")
        .appName("tests")
        .config("spark.ui.enabled", false)
        .config("spark.sql.shuffle.partitions", 2)
        .config("spark.broadcast.compress", false)
        .config("spark.shuffle.compress", false)
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.log.level", "WARN")
        .getOrCreate();
  }

  /** Its context. */
  public static JavaSparkContext context() {
    return new JavaSparkContext(session().sparkContext());
  }
}
