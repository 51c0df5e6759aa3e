package io.tubelet.spark.evaluate;

import io.tubelet.evaluate.Accuracy;
import io.tubelet.evaluate.MultiView;
import io.tubelet.evaluate.Neighbours;
import io.tubelet.spark.data.Labels;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.ml.feature.StandardScaler;
import org.apache.spark.ml.feature.StandardScalerModel;
import org.apache.spark.ml.feature.StringIndexerModel;
import org.apache.spark.ml.functions;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Classifiers on frozen features. Each feature is brought to mean 0 and variance 1 over the
 * training clips first (arXiv 2111.06377, appendix A.1: a batch norm without affine before the
 * linear layer). The views of a test video vote together ({@link MultiView}).
 *
 * @param labels the classes
 * @param neighbours how many vote in kNN
 * @param regularisation of the linear classifier
 * @param iterations most of its steps
 */
public record ProbeJob(Labels labels, int neighbours, double regularisation, int iterations)
    implements Serializable {
  private static final String CLASS = "class";
  private static final String SCALED = "scaled";

  /** Of nearest neighbours, and of multinomial logistic regression. */
  public record Result(Accuracy knn, Accuracy linear) {}

  /** Tables of pooled features: {@code source}, {@code label}, {@code features}. */
  public Result run(Dataset<Row> train, Dataset<Row> test) {
    Dataset<Row> known = vectors(train);
    StandardScalerModel scaler =
        new StandardScaler()
            .setInputCol("vector")
            .setOutputCol(SCALED)
            .setWithMean(true)
            .setWithStd(true)
            .fit(known);
    Dataset<Row> scaled = scaler.transform(known).cache();
    try {
      Dataset<Row> unknown = scaler.transform(vectors(test));
      return new Result(knn(scaled, unknown), linear(scaled, unknown));
    } finally {
      scaled.unpersist();
    }
  }

  private Dataset<Row> vectors(Dataset<Row> table) {
    Dataset<Row> vectors =
        table.withColumn("vector", functions.array_to_vector(table.col("features")));
    return new StringIndexerModel(labels.names().toArray(String[]::new))
        .setInputCol("label")
        .setOutputCol(CLASS)
        .transform(vectors);
  }

  private Accuracy knn(Dataset<Row> train, Dataset<Row> test) {
    List<float[]> examples = new ArrayList<>();
    List<Row> rows = train.select(CLASS, SCALED).collectAsList();
    rows.forEach(row -> examples.add(floats(row.getAs(SCALED))));
    int[] classes = rows.stream().mapToInt(row -> (int) row.getDouble(0)).toArray();
    JavaSparkContext spark = new JavaSparkContext(train.sparkSession().sparkContext());
    Broadcast<Neighbours> known =
        spark.broadcast(new Neighbours(examples, classes, labels.size(), neighbours));
    try {
      return accuracy(test, SCALED, features -> known.value().scores(features));
    } finally {
      known.destroy();
    }
  }

  private Accuracy linear(Dataset<Row> train, Dataset<Row> test) {
    LogisticRegressionModel model =
        new LogisticRegression()
            .setFeaturesCol(SCALED)
            .setLabelCol(CLASS)
            .setRawPredictionCol("scores")
            .setFamily("multinomial")
            .setStandardization(false)
            .setRegParam(regularisation)
            .setMaxIter(iterations)
            .fit(train);
    return accuracy(model.transform(test), "scores", scores -> scores);
  }

  private Accuracy accuracy(Dataset<Row> test, String column, Function<float[], float[]> scores) {
    MultiView votes =
        test.select("source", CLASS, column)
            .toJavaRDD()
            .map(
                row -> {
                  MultiView one = new MultiView();
                  float[] logits = scores.call(floats(row.getAs(column)));
                  one.add(row.getString(0), (int) row.getDouble(1), logits);
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
