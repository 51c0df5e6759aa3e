package io.tubelet.spark.data;

import io.tubelet.video.Pictures;
import io.tubelet.video.VideoSource;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** A video, or a folder of pictures, on any Hadoop file system. */
record HadoopVideo(String name, Path path, Configuration hadoop) implements VideoSource {

  @Override
  public Content open() throws IOException {
    FileSystem files = path.getFileSystem(hadoop);
    if (files instanceof LocalFileSystem local) { // its checksum files have no names beside colons
      files = local.getRawFileSystem();
      requireOrdinary(local.pathToFile(path));
    }
    FileStatus status = files.getFileStatus(path);
    if (status.isDirectory()) {
      return Pictures.of(
          Arrays.stream(files.listStatus(path))
              .filter(FileStatus::isFile)
              .map(FileStatus::getPath)
              .filter(file -> !FolderReader.isHidden(file))
              .<VideoSource>map(file -> new HadoopVideo(file.getName(), file, hadoop))
              .toList());
    }
    return new Open(files.open(path), status.getLen());
  }

  /** A pipe or a device would be waited for. */
  private static void requireOrdinary(File file) throws IOException {
    if (file.exists() && !file.isFile() && !file.isDirectory()) {
      throw new IOException("not a regular file");
    }
  }

  private record Open(FSDataInputStream in, long size) implements Content {
    @Override
    public int read(long position, ByteBuffer into) throws IOException {
      if (position >= size) {
        return -1;
      }
      byte[] bytes = new byte[into.remaining()];
      int count = in.read(position, bytes, 0, bytes.length);
      into.put(bytes, 0, Math.max(count, 0));
      return count;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
