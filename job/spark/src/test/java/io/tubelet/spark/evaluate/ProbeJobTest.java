package io.tubelet.spark.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.evaluate.Accuracy;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.data.Labels;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class ProbeJobTest {
  private static final StructType TABLE =
      new StructType()
          .add("source", DataTypes.StringType)
          .add("label", DataTypes.StringType)
          .add("features", DataTypes.createArrayType(DataTypes.FloatType));
  private static final ProbeJob JOB = new ProbeJob(new Labels(List.of("a", "b", "c")), 1e-3, 25);

  private static Row row(String source, String label, float... features) {
    List<Float> values = new ArrayList<>();
    for (float value : features) {
      values.add(value);
    }
    return RowFactory.create(source, label, values.toArray(Float[]::new));
  }

  private static Dataset<Row> table(List<Row> rows) {
    return LocalSpark.session().createDataFrame(rows, TABLE);
  }

  /** Three clusters that a constant feature, a huge one and a dead one surround. */
  private static List<Row> clusters(long seed, boolean shuffledLabels) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      float[] point = new float[5];
      for (int d = 0; d < 3; d++) {
        point[d] = (float) (0.2 * random.nextGaussian() + (i % 3 == d ? 1 : 0));
      }
      point[3] = 7;
      point[4] = (float) (1000 * random.nextGaussian());
      int label = shuffledLabels ? random.nextInt(3) : i % 3;
      rows.add(row("v" + i, "abc".substring(label, label + 1), point));
    }
    return rows;
  }

  @Test
  void tellsClustersApartAndLearnsNothingFromChance() {
    Dataset<Row> test = table(clusters(2, false));
    Accuracy accuracy = JOB.run(table(clusters(1, false)), test);
    assertThat(accuracy.videos()).isEqualTo(60);
    assertThat(accuracy.top1Share()).isGreaterThan(0.97);
    assertThat(JOB.run(table(clusters(1, true)), test).top1Share()).isLessThan(0.6);
  }

  @Test
  void viewsOfAVideoVoteTogether() {
    List<Row> train = List.of(row("x", "a", 1, 0), row("y", "b", 0, 1), row("z", "c", -1, -1));
    List<Row> views =
        List.of(row("v", "a", 0.4f, 0.5f), row("v", "a", 1, 0), row("w", "b", 0.1f, 1));
    Accuracy linear = new ProbeJob(JOB.labels(), 1e-3, 50).run(table(train), table(views));
    assertThat(linear.videos()).isEqualTo(2);
    assertThat(linear.top1()).isEqualTo(2);
  }
}
