package io.tubelet.spark.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

public class DurableFileTest {
  @TempDir java.nio.file.Path folder;
  private final Configuration hadoop = new Configuration();

  private Path write(String name, String text) throws IOException {
    Path target = new Path(folder.resolve(name).toUri());
    DurableFile.write(hadoop, target, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    return target;
  }

  @Test
  void writesALocalFileThatPeopleMayEdit() throws IOException {
    Path target = new Path(folder.resolve("new/file").toUri());
    try (var out = target.getFileSystem(hadoop).create(target)) { // as Hadoop does: with a checksum
      out.writeUTF("first");
    }
    write("new/file", "second");
    Files.writeString(folder.resolve("new/file"), "edited");
    try (var in = target.getFileSystem(hadoop).open(target)) {
      assertThat(in.readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("edited");
    }
    try (var files = Files.list(folder.resolve("new"))) {
      assertThat(files).as("nothing is left aside").hasSize(1);
    }
  }

  @Test
  void givesFilesThePermissionsThatHadoopGivesThem() throws IOException {
    hadoop.set("fs.permissions.umask-mode", "027");
    Path target = write("new/file", "text");
    for (String name : new String[] {"new/file", "new"}) {
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
      assertThat(files).as("nothing is left aside").hasSize(1);
    }
  }

  /** As Hadoop tells of a full local disk. */
  public static Error fullDisk() {
    try {
      var made = FSError.class.getDeclaredConstructor(Throwable.class);
      made.setAccessible(true);
      return made.newInstance(new IOException("No space left on device"));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void tellsOfAFullDiskAsOfAnyOtherFailure() {
    Path target = new Path(folder.resolve("file").toUri());
    DurableFile.Body full =
        out -> {
          throw fullDisk();
        };
    assertThatThrownBy(() -> DurableFile.write(hadoop, target, full))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot write " + target)
        .hasMessageContaining("No space left on device");
    assertThat(folder).isEmptyDirectory();
  }
}
