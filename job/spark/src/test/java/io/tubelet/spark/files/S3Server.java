package io.tubelet.spark.files;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/**
 * An S3 server in this JVM that keeps its objects in memory: s3proxy, with a class loader of its
 * own over {@code job/s3proxy/target/lib}. Its one bucket is {@code tubelet}.
 */
public final class S3Server implements AutoCloseable {
  private static final Path JARS = Path.of("../s3proxy/target/lib");
  private static final String PACKAGE = "org.gaul.s3proxy.";

  private final URLClassLoader loader;
  private final Object proxy;
  private final String endpoint;

  private S3Server(URLClassLoader loader, Object proxy) throws ReflectiveOperationException {
    this.loader = loader;
    this.proxy = proxy;
    this.endpoint = "http://127.0.0.1:" + proxy.getClass().getMethod("getPort").invoke(proxy);
  }

  /** Starts one on a free port of the loopback address. */
  public static S3Server start()
      throws IOException, ReflectiveOperationException, InterruptedException {
    URLClassLoader loader = new URLClassLoader(jars(), ClassLoader.getPlatformClassLoader());
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(loader); // the server looks for its services there
    try {
      Object proxy = proxy(loader);
      proxy.getClass().getMethod("start").invoke(proxy);
      S3Server server = new S3Server(loader, proxy);
      server.makeBucket();
      return server;
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static URL[] jars() throws IOException {
    try (Stream<Path> files = Files.list(JARS)) {
      List<Path> jars = files.sorted().toList();
      URL[] urls = new URL[jars.size()];
      for (int i = 0; i < urls.length; i++) {
        urls[i] = jars.get(i).toUri().toURL();
      }
      return urls;
    }
  }

  private static Object proxy(ClassLoader loader) throws ReflectiveOperationException {
    Properties settings = new Properties();
    settings.setProperty("s3proxy.endpoint", "http://127.0.0.1:0");
    settings.setProperty("s3proxy.authorization", "none");
    Class<?> type = loader.loadClass(PACKAGE + "S3Proxy$Builder");
    Object builder = type.getMethod("fromProperties", Properties.class).invoke(null, settings);
    Object memory =
        loader
            .loadClass(PACKAGE + "nio2blob.TransientNio2BlobStore")
            .getConstructor()
            .newInstance();
    type.getMethod("blobStore", loader.loadClass(PACKAGE + "blobstore.BlobStore"))
        .invoke(builder, memory);
    return type.getMethod("build").invoke(builder);
  }

  private void makeBucket() throws IOException, InterruptedException {
    HttpRequest put =
        HttpRequest.newBuilder(URI.create(endpoint + "/tubelet"))
            .PUT(HttpRequest.BodyPublishers.noBody())
            .build();
    int status =
        HttpClient.newHttpClient().send(put, HttpResponse.BodyHandlers.discarding()).statusCode();
    if (status != 200) {
      throw new IOException("no bucket: HTTP " + status);
    }
  }

  /** Tells Hadoop's S3 client where the server is. */
  public void configure(Configuration hadoop) {
    hadoop.set("fs.s3a.endpoint", endpoint);
    hadoop.set("fs.s3a.endpoint.region", "us-east-1");
    hadoop.set("fs.s3a.path.style.access", "true");
    hadoop.set("fs.s3a.connection.ssl.enabled", "false");
    hadoop.set(
        "fs.s3a.aws.credentials.provider", "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider");
    hadoop.set("fs.s3a.access.key", "test");
    hadoop.set("fs.s3a.secret.key", "test");
    hadoop.set("fs.s3a.attempts.maximum", "3");
  }

  @Override
  public void close() throws IOException, ReflectiveOperationException {
    proxy.getClass().getMethod("stop").invoke(proxy);
    loader.close();
  }
}
