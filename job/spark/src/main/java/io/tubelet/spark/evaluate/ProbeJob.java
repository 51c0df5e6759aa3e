package io.tubelet.spark.evaluate;

import io.tubelet.evaluate.Accuracy;
import io.tubelet.evaluate.MultiView;
import io.tubelet.spark.data.Labels;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.feature.StandardScaler;
import org.apache.spark.ml.feature.StringIndexerModel;
import org.apache.spark.ml.functions;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A linear classifier on frozen features. Each feature is brought to mean 0 and variance 1 over the
 * training clips first (arXiv 2111.06377, appendix A.1: a batch norm without affine before the
 * linear layer). The views of a test video vote together ({@link MultiView}).
 *
 * @param regularisation factor of half the squared L2 norm of the weights
 * @param iterations most steps of L-BFGS
 */
public record ProbeJob(Labels labels, double regularisation, int iterations) {
  private static final String CLASS = "class";
  private static final String SCALED = "scaled";

  /** Tables of pooled features: {@code source}, {@code label}, {@code features}. */
  public Accuracy run(Dataset<Row> train, Dataset<Row> test) {
    StandardScaler scaler =
        new StandardScaler()
            .setInputCol("vector")
            .setOutputCol(SCALED)
            .setWithMean(true)
            .setWithStd(true);
    LogisticRegression classifier =
        new LogisticRegression()
            .setFeaturesCol(SCALED)
            .setLabelCol(CLASS)
            .setRawPredictionCol("scores")
            .setFamily("multinomial")
            .setStandardization(false)
            .setRegParam(regularisation)
            .setMaxIter(iterations);
    return accuracy(
        new Pipeline()
            .setStages(new PipelineStage[] {scaler, classifier})
            .fit(vectors(train))
            .transform(vectors(test)));
  }

  private Dataset<Row> vectors(Dataset<Row> table) {
    Dataset<Row> vectors =
        table.withColumn("vector", functions.array_to_vector(table.col("features")));
    return new StringIndexerModel(labels.names().toArray(String[]::new))
        .setInputCol("label")
        .setOutputCol(CLASS)
        .transform(vectors);
  }

  private Accuracy accuracy(Dataset<Row> scored) {
    MultiView votes =
        scored
            .select("source", CLASS, "scores")
            .toJavaRDD()
            .map(
                row -> {
                  MultiView one = new MultiView();
                  one.add(row.getString(0), (int) row.getDouble(1), floats(row.getAs(2)));
                  return one;
                })
            .fold(new MultiView(), MultiView::merge);
    return votes.accuracy(labels.size(), labels.top());
  }

  private static float[] floats(Vector vector) {
    float[] floats = new float[vector.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) vector.apply(i);
    }
    return floats;
  }
}
