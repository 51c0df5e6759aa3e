package io.tubelet.spark.notebook;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.repl.SparkILoop;
import org.apache.spark.sql.Dataset;
import org.apache.zeppelin.display.GUI;
import org.apache.zeppelin.interpreter.InterpreterContext;
import org.apache.zeppelin.interpreter.InterpreterOutput;
import org.apache.zeppelin.interpreter.ZeppelinContext;
import scala.Console$;
import scala.collection.JavaConverters;
import scala.collection.immutable.List;
import scala.tools.nsc.GenericRunnerSettings;
import scala.tools.nsc.interpreter.Results;

/** Spark's own Scala shell, as Zeppelin's {@code %spark} wraps it. */
public final class Repl implements AutoCloseable {
  private static final int MOST_ROWS = 1000;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final SparkILoop loop;

  /** Zeppelin's {@code z}: its forms at their defaults; tables as its Spark context writes them. */
  public static final class Zeppelin extends ZeppelinContext {
    private static final Zeppelin Z = new Zeppelin();
    private final InterpreterOutput out =
        new InterpreterOutput() {
          @Override
          public void write(String text) {
            Console$.MODULE$.print(text); // which the shell listens to
          }
        };

    private Zeppelin() {
      super(null, MOST_ROWS);
      setGui(new GUI());
      setInterpreterContext(InterpreterContext.builder().setInterpreterOut(out).build());
    }

    public static Zeppelin z() {
      return Z;
    }

    @Override
    public Map<String, String> getInterpreterClassMap() {
      return Map.of();
    }

    @Override
    @SuppressWarnings("rawtypes") // as inherited
    public java.util.List<Class> getSupportedClasses() {
      return java.util.List.of(Dataset.class);
    }

    @Override
    public String showData(Object table, int rows) {
      Dataset<?> shown = (Dataset<?>) table;
      return Stream.concat(
              Stream.of(String.join("\t", shown.columns())),
              shown.toDF().takeAsList(rows).stream().map(row -> row.mkString("\t")))
          .collect(Collectors.joining("\n", "%table ", "\n"));
    }
  }

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
    String z = Zeppelin.class.getName().replace('$', '.');
    ran = ran.success ? run("@transient val z = " + z + ".z()") : ran;
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
