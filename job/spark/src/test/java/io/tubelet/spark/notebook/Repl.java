package io.tubelet.spark.notebook;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.spark.repl.SparkILoop;
import scala.Console$;
import scala.collection.JavaConverters;
import scala.collection.immutable.List;
import scala.tools.nsc.GenericRunnerSettings;
import scala.tools.nsc.interpreter.Results;

/** Spark's own Scala shell, as Zeppelin's {@code %spark} wraps it. */
final class Repl implements AutoCloseable {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final SparkILoop loop;

  /**
   * What a paragraph gave.
   *
   * @param success whether it compiled and ran
   * @param output all that it printed
   */
  record Ran(boolean success, String output) {}

  /**
   * @param folder where compiled lines go, where executors look for them
   */
  Repl(Path folder) {
    PrintWriter out = new PrintWriter(new OutputStreamWriter(bytes, StandardCharsets.UTF_8), true);
    GenericRunnerSettings settings =
        new GenericRunnerSettings(
            message -> {
              throw new IllegalArgumentException(message);
            });
    java.util.List<String> options =
        java.util.List.of(
            "-Yrepl-class-based",
            "-Yrepl-outdir",
            folder.toString(),
            "-classpath",
            System.getProperty("java.class.path"));
    settings.processArguments(list(options), true);
    loop = new SparkILoop(new BufferedReader(Reader.nullReader()), out);
    loop.settings_$eq(settings);
    loop.createInterpreter();
    loop.intp().initializeSynchronous();
    Ran ran = run("@transient val spark = org.apache.spark.sql.SparkSession.active");
    if (!ran.success) {
      throw new IllegalStateException(ran.output);
    }
  }

  private static List<String> list(java.util.List<String> words) {
    return JavaConverters.asScalaBuffer(words).toList();
  }

  Ran run(String code) {
    bytes.reset();
    Results.Result result = Console$.MODULE$.withOut(bytes, () -> loop.intp().interpret(code));
    boolean success = result == scala.tools.nsc.interpreter.Results.Success$.MODULE$;
    return new Ran(success, bytes.toString(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    loop.intp().close();
  }
}
