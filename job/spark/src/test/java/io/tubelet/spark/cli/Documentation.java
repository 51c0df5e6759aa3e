package io.tubelet.spark.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Pages of {@code docs/} as the code has them. */
final class Documentation {
  static final Path PROJECT = Path.of("../..").toAbsolutePath().normalize();
  static final Path DOCS = PROJECT.resolve("docs");

  /** A place that is filled from the code, and what stands in it. */
  private static final Pattern GENERATED =
      Pattern.compile("(<!-- generated: (\\S+) -->\n)(.*?)(<!-- end -->)", Pattern.DOTALL);

  private static final Path SOURCES = PROJECT.resolve("job");

  private Documentation() {}

  /** A page with all its generated places filled anew. */
  static String filled(String page) {
    return GENERATED
        .matcher(page)
        .replaceAll(
            place ->
                java.util.regex.Matcher.quoteReplacement(
                    place.group(1) + generated(place.group(2)) + place.group(4)));
  }

  private static String generated(String what) {
    try {
      if (what.equals("codes")) {
        return codes();
      }
      return what.matches("\\d+") ? messages(Integer.parseInt(what)) : comment(what);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String codes() {
    return ExitCode.meanings().entrySet().stream()
        .map(code -> "| %s | %s |\n".formatted(code.getKey(), code.getValue()))
        .collect(Collectors.joining("", "\n| code | meaning |\n| --- | --- |\n", "\n"));
  }

  /** What the exceptions of one exit code say, sorted. */
  private static String messages(int code) throws IOException {
    ExitCode exit =
        Stream.of(ExitCode.values()).filter(one -> one.code() == code).findFirst().orElseThrow();
    TreeSet<String> messages = new TreeSet<>();
    for (String source : sources()) {
      for (Class<?> type : exit.causes()) {
        Pattern thrown = Pattern.compile("new " + type.getSimpleName() + "\\(");
        thrown.matcher(source).results().forEach(at -> messages.add(message(source, at)));
      }
    }
    return messages.stream()
        .filter(message -> message.replace("…", "").length() > 8)
        .map(message -> "- " + message + "\n")
        .collect(Collectors.joining("", "\n", "\n"));
  }

  private static List<String> sources() throws IOException {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      List<Path> main =
          files.filter(f -> f.toString().matches(".*/src/main/java/.*\\.java")).sorted().toList();
      return main.stream().map(Documentation::read).toList();
    }
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** The first argument of a constructor call: its literals, with … for all that is computed. */
  private static String message(String source, MatchResult call) {
    StringBuilder message = new StringBuilder();
    message.append(source.substring(call.end()).stripLeading().startsWith("\"") ? "" : "…");
    int depth = 0;
    for (int i = call.end(); depth >= 0 && i < source.length(); i++) {
      char c = source.charAt(i);
      if (c == '"' && depth == 0) {
        int end = i + 1;
        while (source.charAt(end) != '"' || source.charAt(end - 1) == '\\') {
          end++;
        }
        message.append(source, i + 1, end);
        i = end;
      } else if (c == '(' || c == ')') {
        depth += c == '(' ? 1 : -1;
      } else if (depth == 0 && c == ',') {
        break;
      } else if (depth == 0 && c == '+' && !message.toString().endsWith("…")) {
        boolean computed = !source.substring(i + 1).stripLeading().startsWith("\"");
        message.append(computed ? "…" : "");
      }
    }
    return message
        .toString()
        .replaceAll("%[\\d.,]*[a-z]", "…")
        .replace("%%", "%")
        .replace("\\", "");
  }

  /** The comment of a package or a type, as Markdown. */
  private static String comment(String name) throws IOException {
    String path = "src/main/java/" + name.replace('.', '/');
    boolean type = Character.isUpperCase(name.charAt(name.lastIndexOf('.') + 1));
    Path file = PROJECT.resolve("job/spark/" + path + (type ? ".java" : "/package-info.java"));
    String source = Files.readString(file);
    int end = type ? source.indexOf("\n */\n") : source.indexOf("*/");
    String text = source.substring(source.indexOf("/**") + 3, end);
    return text.replaceAll("(?m)^ \\* ?", "")
        .replaceAll("\\{@link\\s+(?:[a-z]\\w*\\.)*([\\w.#]+)}", "`$1`")
        .replaceAll("\\{@code\\s+([^}]*)}", "`$1`")
        .replace("<pre>", "```")
        .replace("</pre>", "```")
        .replaceAll("\n?<p>", "\n")
        .replaceAll("(?s)\n@param.*", "\n")
        .strip()
        .concat("\n")
        .transform(markdown -> "\n" + markdown + "\n");
  }

  /** {@code configuration.md}: every section of {@code reference.conf}, in its order. */
  static String configuration() {
    Path reference = PROJECT.resolve("job/spark/src/main/resources/reference.conf");
    Config config = ConfigFactory.parseFile(reference.toFile());
    StringBuilder page =
        new StringBuilder(
            """
            # Configuration

            Made from [`reference.conf`](../job/spark/src/main/resources/reference.conf) by the build: do not edit.

            A file overrides these values, `key=value` on the command line overrides the file; there `tubelet.` may be left
            out. Paths are local or Hadoop URIs. *Paper* is arXiv 2203.12602, *published* the scripts beside it, *job* a setting of
            this job that the paper does not have.
            """);
    sections(config.getObject("tubelet"), "tubelet", page);
    return page.toString();
  }

  private static void sections(ConfigObject section, String path, StringBuilder page) {
    List<String> names =
        section.keySet().stream()
            .sorted(Comparator.comparing(name -> section.get(name).origin().lineNumber()))
            .toList();
    List<String> keys =
        names.stream().filter(n -> !(section.get(n) instanceof ConfigObject)).toList();
    String about = comments(section);
    if (!keys.isEmpty()) {
      page.append("\n## ").append(path).append("\n\n");
      page.append(about.isEmpty() ? "" : about + "\n\n").append("| key | default | what |\n");
      page.append("| --- | --- | --- |\n");
    }
    for (String name : keys) {
      String value = section.get(name).render(ConfigRenderOptions.concise());
      page.append("| `%s` | `%s` | %s |\n".formatted(name, value, comments(section.get(name))));
    }
    for (String name : names) {
      if (section.get(name) instanceof ConfigObject child) {
        sections(child, path + "." + name, page);
      }
    }
  }

  private static String comments(ConfigValue value) {
    return value.origin().comments().stream()
        .map(String::strip)
        .collect(Collectors.joining(" "))
        .replace("|", "\\|")
        .replace("${", "`${`");
  }
}
