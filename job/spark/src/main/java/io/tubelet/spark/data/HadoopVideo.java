package io.tubelet.spark.data;

import io.tubelet.video.Pictures;
import io.tubelet.video.VideoSource;
import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.ThreadUtils;

/**
 * A video, or a folder of pictures, on any Hadoop file system.
 *
 * @param seconds that the storage may take to answer a request; a dead mount never does
 */
record HadoopVideo(String name, Path path, Configuration hadoop, int seconds)
    implements VideoSource {
  /** A request that is never answered keeps its thread. */
  private static final ExecutorService REQUESTS = ThreadUtils.newDaemonCachedThreadPool("storage");

  @Override
  public Content open() throws IOException {
    FileSystem files = ask(seconds, this::files);
    FileStatus status = ask(seconds, () -> files.getFileStatus(path));
    if (status.isDirectory()) {
      return Pictures.of(
          Arrays.stream(ask(seconds, () -> files.listStatus(path)))
              .filter(FileStatus::isFile)
              .map(FileStatus::getPath)
              .filter(file -> !FolderReader.isHidden(file))
              .<VideoSource>map(file -> new HadoopVideo(file.getName(), file, hadoop, seconds))
              .toList());
    }
    return new Open(ask(seconds, () -> files.open(path)), status.getLen(), seconds);
  }

  private FileSystem files() throws IOException {
    FileSystem files = path.getFileSystem(hadoop);
    if (files instanceof LocalFileSystem local) { // its checksum files have no names beside colons
      requireOrdinary(local.pathToFile(path));
      return local.getRawFileSystem();
    }
    return files;
  }

  /** A pipe or a device would be waited for. */
  private static void requireOrdinary(File file) throws IOException {
    if (file.exists() && !file.isFile() && !file.isDirectory()) {
      throw new IOException("not a regular file");
    }
  }

  /**
   * What the storage answers.
   *
   * @throws IOException if it fails, or does not answer in time
   */
  static <T> T ask(int seconds, Callable<T> request) throws IOException {
    Future<T> answer = REQUESTS.submit(request);
    try {
      return answer.get(seconds, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new IOException("the storage has not answered for %d s".formatted(seconds), e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException why ? why : new IOException(e.getCause());
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
  }

  private record Open(FSDataInputStream in, long size, int seconds) implements Content {
    @Override
    public int read(long position, ByteBuffer into) throws IOException {
      if (position >= size) {
        return -1;
      }
      byte[] bytes = new byte[into.remaining()];
      int count = ask(seconds, () -> in.read(position, bytes, 0, bytes.length));
      into.put(bytes, 0, Math.max(count, 0));
      return count;
    }

    @Override
    public void close() throws IOException {
      ask(
          seconds,
          () -> {
            in.close();
            return null;
          });
    }
  }
}
