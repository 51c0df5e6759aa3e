package io.tubelet.spark.config;

import io.tubelet.augment.Flip;
import io.tubelet.augment.Flip.Axis;
import io.tubelet.model.Task.TargetFrames;
import io.tubelet.spark.config.DataConfig.Reading;
import io.tubelet.spark.config.ExecutionConfig.MasterKind;
import io.tubelet.spark.config.ModelConfig.MaskKind;
import io.tubelet.spark.config.TrainingConfig.OuterKind;
import io.tubelet.spark.config.TrainingConfig.RatePer;
import io.tubelet.train.AveragingRule.Of;
import java.util.ArrayList;
import java.util.List;

/** Rules over several keys. A broken one is a problem of the keys that it has asked for. */
final class Agreement {
  private final Binder read;
  private final List<String> asked = new ArrayList<>();

  private Agreement(Binder read) {
    this.read = read;
  }

  /** Reports every rule that is broken. */
  static void require(Binder read) {
    Agreement agreement = new Agreement(read);
    agreement.master();
    agreement.model();
    agreement.training("pretrain");
    agreement.training("finetune");
    agreement.data();
  }

  private void rule(boolean holds, String message) {
    read.require(holds, message, asked);
    asked.clear();
  }

  private Object value(String key) {
    asked.add(key);
    return read.value(key);
  }

  private boolean is(String key, Object value) {
    return value.equals(value(key));
  }

  private double number(String key) {
    return value(key) instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  private boolean rounds() {
    return is("master.kind", MasterKind.ROUNDS);
  }

  private void master() {
    rule(
        rounds() || is("data.read", Reading.STORE),
        "master.kind = dl4j trains from stores only; data.read = videos needs master.kind ="
            + " rounds");
    rule(
        rounds() || !is("engine.name", "torch"),
        "master.kind = dl4j trains with the engine nd4j only");
    rule(
        rounds()
            || (number("pretrain.optimizer.clip-norm") <= 0
                && number("finetune.optimizer.clip-norm") <= 0),
        "master.kind = dl4j clips no gradients; optimizer.clip-norm needs master.kind = rounds");
    rule(
        rounds()
            || (is("pretrain.averaging.outer.kind", OuterKind.AVERAGE)
                && is("pretrain.averaging.of", Of.PARAMETERS)
                && is("finetune.averaging.of", Of.PARAMETERS)
                && number("finetune.averaging.ema") == 0),
        "master.kind = dl4j averages parameters and moments: no other averaging.of or outer.kind,"
            + " no ema");
    rule(
        is("pretrain.averaging.of", Of.PARAMETERS)
            || (!is("pretrain.averaging.outer.kind", OuterKind.NESTEROV)
                && !is("pretrain.learning-rate-per", RatePer.REPLICA)),
        "averaging.of = gradients makes equal replicas: no outer.kind = nesterov or"
            + " learning-rate-per = replica");
  }

  private void model() {
    rule(
        is("model.target-frames", TargetFrames.ALL)
            || (is("masking.kind", MaskKind.TUBE) && number("masking.decoder-ratio") == 0),
        "target-frames = centre needs masking.kind = tube and masking.decoder-ratio = 0");
    boolean diagonal =
        value("finetune.augmentation.flips") instanceof List<?> list
            && list.stream().anyMatch(one -> ((Flip) one).axis() == Axis.DIAGONAL);
    rule(
        !diagonal || number("model.geometry.height") == number("model.geometry.width"),
        "only square frames can be flipped along their diagonal");
  }

  private void training(String name) {
    double warmup = number(name + ".warmup-epochs");
    double epochs = number(name + ".epochs");
    rule(warmup <= epochs, "warmup-epochs %.0f exceed epochs %.0f".formatted(warmup, epochs));
    double floor = number(name + ".floor");
    double rate = number(name + ".learning-rate");
    rule(floor <= rate, "floor %s exceeds learning-rate %s".formatted(floor, rate));
  }

  private void data() {
    rule(
        number("finetune.validation") == 0 || is("data.read", Reading.STORE),
        "finetune.validation is judged on the store; it needs data.read = store");
    double asked = number("evaluate.clips");
    double stored = number("data.test.clips");
    rule(
        asked <= stored,
        "%.0f clips are asked of each test video, data.test.clips stores %.0f"
            .formatted(asked, stored));
    String uri = String.valueOf(value("report.mlflow.uri"));
    rule(
        uri.isEmpty() || uri.matches("https?://.+"),
        "a tracking server is http://HOST:PORT or https://HOST, not " + uri);
  }
}
