#!/bin/bash
# Makes counted/ and odd/ with ffmpeg (5.1, libx264, libx265, libvpx, libaom): encoders and muxing tricks that the
# FFmpeg of the build lacks. Every frame shows its number as 16 binary digits, the lowest on the left (CountingVideo).
set -eu
cd "$(dirname "$0")"
mkdir -p counted odd
frames=240
raw=$(mktemp)
trap 'rm -f "$raw"' EXIT
python3 - "$frames" > "$raw" <<'PY'
import sys
for n in range(int(sys.argv[1])):
    line = b"".join(bytes([255 * (n >> d & 1)]) * 24 for d in range(16))
    sys.stdout.buffer.write(line * 32)
PY
make() { # RATE OPTIONS… FILE
  rate=$1; shift
  ffmpeg -v error -y -f rawvideo -pix_fmt rgb24 -s 128x32 -r "$rate" -i "$raw" -pix_fmt "${pixels:-yuv420p}" "$@"
}
# uneven timestamps: frame n is shown at 40 n + (7 n mod 30) ms
uneven=(-vf "settb=1/1000,setpts=40*N+mod(7*N\,30)" -vsync passthrough -enc_time_base 1/1000)
h264=(-c:v libx264 -crf 30 -g 24)
hevc=(-c:v libx265 -crf 30 -tag:v hvc1)
bframes="bframes=3:b-pyramid=normal:open-gop=1:keyint=24:b-adapt=0:scenecut=0"

cd counted
make 25 "${h264[@]}" -x264-params $bframes h264-open-gop.mp4
make 25 "${h264[@]}" -x264-params $bframes "${uneven[@]}" h264-uneven.mp4
make 25 "${h264[@]}" -x264-params $bframes "${uneven[@]}" h264-uneven.mkv
make 45000/1499 "${h264[@]}" -bf 2 -movflags frag_keyframe+empty_moov h264-fragmented.mp4
make 30000/1001 "${h264[@]}" -x264-params $bframes -output_ts_offset 95440 h264-clock-wraps.ts # 2^33 / 90000 is 95443.7
make 25 "${h264[@]}" -x264-params intra-refresh=1:keyint=48 h264-intra-refresh.mp4
make 24 "${h264[@]}" -bf 2 -avoid_negative_ts disabled -output_ts_offset -2 h264-negative-times.mkv
pixels=yuv422p10le make 50 "${h264[@]}" -bf 2 h264-high422-10bit.mov
pixels=gray make 25 "${h264[@]}" -bf 2 h264-grey.mp4
ffmpeg -v error -y -ss 2.2 -i h264-open-gop.mp4 -c copy h264-edit-list-from-55.mp4
make 25 "${hevc[@]}" -x265-params log-level=none:bframes=4:b-pyramid=1:open-gop=1:keyint=24 hevc-open-gop.mp4
make 25 "${hevc[@]}" -x265-params log-level=none:bframes=3:keyint=30 "${uneven[@]}" hevc-uneven.mkv
pixels=yuv444p10le make 30 -c:v libx265 -crf 30 -x265-params log-level=none:bframes=3:keyint=30 hevc-444-10bit.ts
make 25 -c:v libvpx-vp9 -crf 40 -b:v 0 -g 40 -auto-alt-ref 1 -lag-in-frames 16 vp9-alt-ref.webm
make 25 -c:v libvpx-vp9 -crf 40 -b:v 0 -g 40 "${uneven[@]}" vp9-uneven.webm
pixels=yuva420p make 25 -c:v libvpx-vp9 -crf 40 -b:v 0 -g 40 vp9-alpha.webm
make 25 -c:v libvpx -crf 20 -b:v 200k -g 40 -auto-alt-ref 1 -lag-in-frames 16 vp8-alt-ref.webm
make 25 -c:v mpeg4 -q:v 6 -g 24 -bf 2 mpeg4-bframes.avi
make 25 -c:v mpeg4 -q:v 6 -g 24 -bf 2 "${uneven[@]}" mpeg4-uneven.mp4
make 25 -c:v libxvid -q:v 6 -g 24 -bf 2 mpeg4-xvid-bframes.avi
make 25 -c:v mpeg2video -q:v 6 -g 24 -bf 2 mpeg2-open-gop.ts
make 25 -c:v libaom-av1 -crf 50 -cpu-used 8 -g 48 av1-hidden-frames.mkv

cd ../odd
quiet=(ffmpeg -v error -y)
counted=../counted/h264-open-gop.mp4
sound=(-f lavfi -i "sine=duration=1:sample_rate=8000")
"${quiet[@]}" -i $counted -frames:v 1 -c:v mjpeg -f mjpeg picture-named.mp4
"${quiet[@]}" "${sound[@]}" -f mjpeg -i picture-named.mp4 -map 0 -map 1 -c:a aac -b:a 16k -c:v copy -disposition:v attached_pic cover-alone.mp4
"${quiet[@]}" -i $counted -f mjpeg -i picture-named.mp4 -map 1 -map 0 -c copy -disposition:v:0 attached_pic cover-first.mp4
"${quiet[@]}" -i $counted "${sound[@]}" -map 0 -map 1 -timecode 01:00:00:00 -c:v copy -c:a pcm_s16le timecode-and-sound.mov
"${quiet[@]}" -i $counted -i ../counted/h264-grey.mp4 -filter_complex "[1:v]scale=64:16[small]" -map "[small]" -map 0 -c:v:1 copy \
  -c:v:0 libx264 -crf 40 -disposition:v:0 0 -disposition:v:1 default second-stream-is-default.mkv
"${quiet[@]}" -i $counted -c copy -encryption_scheme cenc-aes-ctr -encryption_key 76a6c65c5ea762046bd749a2e632ccbb \
  -encryption_kid a7e61c373e219033c21091fa607bf3b8 encrypted.mp4
"${quiet[@]}" -i ../counted/vp9-alt-ref.webm -c copy -f webm webm-named.mp4
"${quiet[@]}" -i $counted -frames:v 20 -vf scale=64:16 -c:v mpeg2video -q:v 4 small.ts
"${quiet[@]}" -i $counted -frames:v 20 -c:v mpeg2video -q:v 4 large.ts
cat large.ts small.ts > size-changes.ts
rm large.ts small.ts
