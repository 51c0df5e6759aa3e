package io.tubelet.video.process;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.Loader;

/**
 * The command line of a decoder process: this JVM's Java, and of its class path what decoding
 * needs.
 */
final class ChildJvm {
  /** Variables whose options are meant for the parent. */
  static final Set<String> FOREIGN_OPTIONS =
      Set.of("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS");

  private ChildJvm() {}

  /**
   * @param megabytes half of them are for the heap, which holds the windows; frames are native
   */
  static List<String> command(Class<?> child, int megabytes) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx%dm".formatted(Math.max(16, megabytes / 2)),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1", // the hot loops are FFmpeg's; compiling would cost more
        "-XX:-UsePerfData",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:+SuppressFatalErrorMessage", // a bad corpus would leave thousands of reports
        "-XX:-CreateCoredumpOnCrash",
        "-Dorg.bytedeco.javacpp.maxBytes=0", // the parent watches
        "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
        "-cp",
        String.join(System.getProperty("path.separator"), classPath(child)),
        child.getName());
  }

  /** On a cluster the job's jars are not on the JVM's own class path, so they are looked up. */
  private static Set<String> classPath(Class<?> child) {
    List<String> resources = new ArrayList<>();
    for (Class<?> type :
        List.of(
            child,
            DecoderChild.class,
            Frames.class,
            ClipGeometry.class,
            Loader.class,
            avutil.class)) {
      resources.add(type.getName().replace('.', '/') + ".class");
    }
    String natives = "org/bytedeco/%s/" + Loader.getPlatform() + "/";
    resources.add(natives.formatted("javacpp") + System.mapLibraryName("jnijavacpp"));
    resources.add(natives.formatted("ffmpeg") + System.mapLibraryName("jniavutil"));
    Set<String> places = new LinkedHashSet<>();
    for (String resource : resources) {
      URL url = child.getClassLoader().getResource(resource);
      if (url != null) { // natives may be installed in the system instead
        places.add(place(url.toString(), resource));
      }
    }
    return places;
  }

  private static String place(String url, String resource) {
    String place =
        url.startsWith("jar:")
            ? url.substring("jar:".length(), url.lastIndexOf("!/"))
            : url.substring(0, url.length() - resource.length());
    return Path.of(URI.create(place)).toString();
  }
}
