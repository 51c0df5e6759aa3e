#!/usr/bin/env bash
# The last step of mvn -Prelease package: target/release/tubelet-VERSION-sparkX.Y-PLATFORM.tar.gz from what the build made, with
# SHA-256 sums of its files inside and of itself beside it; and tubelet-…-all.jar, all of lib but natives, which must run.
#
#   release.sh VERSION PLATFORM TIME     TIME: of all files in it, so that two builds of one commit give the same bytes
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
target=$root/job/spark/target
spark=$(basename "$target"/dist/spark/jars/spark-core_*.jar .jar)
spark=${spark##*-}
name=tubelet-$1-spark${spark%.*}-$2
! compgen -G "$target/dist/lib/pytorch-*-gpu.jar" > /dev/null || name+=-cuda13
! compgen -G "$target/dist/lib/nd4j-cuda-*.jar" > /dev/null || name+=-nd4j-cuda
folder=$root/target/release/$name
rm -rf "$folder"
mkdir -p "$folder/bin"
cp -rl "$target/dist/lib" "$target/dist/spark" "$folder"
[ ! -f "$target/dist/bom.json" ] || cp "$target/dist/bom.json" "$folder"
cp -r "$target/licences" "$root"/{conf,deploy,notebooks,docs,README.md,LICENSE,NOTICE} "$folder"
find "$folder" -name __pycache__ -prune -exec rm -r {} +
ln -s ../deploy/submit.sh "$folder/bin/tubelet"
"$root/deploy/tools/one-jar.sh" "$folder/lib" "$2" "$3" "$folder-all.jar"
natives=("$folder"/lib/*-"$2"*.jar)
SPARK_LOCAL_IP=127.0.0.1 java "@$root/conf/java-opens.args" -Dspark.master=local[1] -cp "$folder-all.jar:$(IFS=: && echo "${natives[*]}"):$folder/spark/jars/*" \
  io.tubelet.spark.cli.Main doctor > /dev/null
cd "$folder"
find . -type f -print0 | sort -z | xargs -0 sha256sum > ../SHA256SUMS
mv ../SHA256SUMS .
cd ..
tar --sort=name --owner=0 --group=0 --numeric-owner --mode=go=rX --mtime="$3" -c "$name" | gzip -n1 > "$name.tar.gz"
for file in "$name.tar.gz" "$name-all.jar"; do sha256sum "$file" > "$file.sha256"; done
rm -r "$name"
