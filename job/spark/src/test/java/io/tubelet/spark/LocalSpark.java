package io.tubelet.spark;

import io.tubelet.spark.cluster.ClusterPlugin;
import org.apache.spark.SparkConf;
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
        .config("spark.plugins", ClusterPlugin.NAME)
        .getOrCreate();
  }

  /** One of its own, with some settings; there must be no other. */
  public static JavaSparkContext context(String master, String... settings) {
    SparkConf conf =
        new SparkConf()
            .setMaster(master)
            .setAppName("tests")
            .set("spark.ui.enabled", "false")
            .set("spark.driver.host", "127.0.0.1")
            .set("spark.log.level", "ERROR");
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      conf.set(setting.substring(0, equals), setting.substring(equals + 1));
    }
    return new JavaSparkContext(ClusterPlugin.in(conf));
  }

  /** Its context. */
  public static JavaSparkContext context() {
    return new JavaSparkContext(session().sparkContext());
  }
}
