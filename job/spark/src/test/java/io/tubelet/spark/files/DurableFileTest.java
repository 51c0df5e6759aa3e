package io.tubelet.spark.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFileTest {
  @TempDir java.nio.file.Path folder;
  private final Configuration hadoop = new Configuration();

  private Path write(String name, String text) throws IOException {
    Path target = new Path(folder.resolve(name).toUri());
    DurableFile.write(hadoop, target, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    return target;
  }

  @Test
  void writesALocalFileWithItsChecksum() throws IOException {
    write("new/file", "first");
    Path target = write("new/file", "second");
    try (var in = target.getFileSystem(hadoop).open(target)) { // checks the checksum
      assertThat(in.readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("second");
    }
    assertThat(folder.resolve("new/.file.crc")).exists();
    try (var files = Files.list(folder.resolve("new"))) {
      assertThat(files).as("nothing is left aside").hasSize(2);
    }
  }

  @Test
  void givesFilesThePermissionsThatHadoopGivesThem() throws IOException {
    hadoop.set("fs.permissions.umask-mode", "027");
    Path target = write("new/file", "text");
    for (String name : new String[] {"new/file", "new/.file.crc", "new"}) {
      Path path = new Path(folder.resolve(name).toUri());
      FsPermission usual =
          name.equals("new") ? FsPermission.getDirDefault() : FsPermission.getFileDefault();
      assertThat(target.getFileSystem(hadoop).getFileStatus(path).getPermission())
          .as(name)
          .isEqualTo(usual.applyUMask(FsPermission.getUMask(hadoop)));
    }
  }

  @Test
  void leavesTheOldFileWhereItIsWhenWritingFails() throws IOException {
    Path target = write("file", "first");
    assertThatThrownBy(
            () ->
                DurableFile.write(
                    hadoop,
                    target,
                    out -> {
                      out.write(1);
                      throw new IOException("no more");
                    }))
        .hasMessage("cannot write " + target + ": no more");
    assertThat(folder.resolve("file")).hasContent("first");
    try (var files = Files.list(folder)) {
      assertThat(files).as("nothing is left aside").hasSize(2);
    }
  }
}
