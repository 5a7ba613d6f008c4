#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check_pipelines.sh DOC SOURCE: runs the gst-launch lines of DOC for some seconds of sound. A tone
# stands for the microphone, the demo portrait for photo.jpg, a fakesink for what is not there. The
# last line printed is how many ran. Exit 77 where gst-launch-1.0 or an element is missing.
set -eu
doc=$1 source=$2

skip() { echo "skipped: $1"; exit 77; }
command -v gst-launch-1.0 >/dev/null || skip "no gst-launch-1.0"
for element in x264enc avenc_aac flvmux rtph264pay decodebin; do
    gst-inspect-1.0 --exists "$element" || skip "GStreamer lacks $element"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$source/assets/demo.jpg" "$work/photo.jpg"
cd "$work"
gst-launch-1.0 -q audiotestsrc num-buffers=44 ! audioconvert ! audio/x-raw,channels=1,rate=44100 ! \
    wavenc ! filesink location=voice.wav

# One pipeline a line: an indented block that starts with gst-launch-1.0.
awk '/^    gst-launch-1.0/ { if (line) print line; line = substr($0, 5); next }
     line && /^        / { line = line " " substr($0, 9); next }
     line { print line; line = "" }
     END { if (line) print line }' "$doc" >lines
n=0
while IFS= read -r line; do
    n=$((n + 1))
    echo "$line" | sed -e 's/gst-launch-1.0/gst-launch-1.0 -q/' \
        -e 's/autoaudiosrc/audiotestsrc is-live=true num-buffers=20 samplesperbuffer=2205/' \
        -e 's/autovideosink/fakesink sync=true/' -e 's/rtmp2sink location=[^ ]*/fakesink/' \
        -e 's/v4l2sink device=[^ ]*/fakesink/' >run
    echo "== $(cat run)"
    timeout 100 sh run </dev/null
done <lines
[ "$n" -ge 5 ] || { echo "only $n pipelines found in $doc"; exit 1; }
for wanted in codec_name=h264 codec_name=aac; do
    ffprobe -v error -show_entries stream=codec_name -of default talk.mp4 | grep -q "$wanted" ||
        { echo "talk.mp4 lacks $wanted"; exit 1; }
done
ffprobe -v error -show_entries format_tags=comment -of default talk.mp4 | grep -q Synthetic ||
    { echo "talk.mp4 is not labelled"; exit 1; }
echo "$n pipelines ran"
