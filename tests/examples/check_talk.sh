#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check_talk.sh TALK SOURCE_DIR: examples/talk.c makes one second of sound and the demo portrait a
# Y4M of 25 whole frames, takes silence and no sound alike, and says what it misses. Skips (77)
# without ffmpeg or the nets.
set -eu
talk=$1
source=$2
nets=${LIMNER_CACHE:-${XDG_CACHE_HOME:-${HOME-}/.cache}/limner}/models
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail() {
    echo "$*" >&2
    exit 1
}

status=0
"$talk" "$dir" "$dir" "$dir/none.ppm" </dev/null >"$dir/empty" 2>"$dir/why" || status=$?
[ $status = 1 ] && [ ! -s "$dir/empty" ] && grep -q '^talk: ' "$dir/why" ||
    fail "without its files talk gave status $status and said: $(cat "$dir/why")"

status=0
"$talk" 2>"$dir/why" || status=$?
[ $status = 2 ] && grep -q 'talk MODEL_DIR NETS_DIR photo.ppm' "$dir/why" ||
    fail "without arguments talk gave status $status and said: $(cat "$dir/why")"

command -v ffmpeg >/dev/null 2>&1 || { echo "skipped: no ffmpeg"; exit 77; }
[ -f "$nets/selfie_segmentation.tflite" ] || { echo "skipped: no nets in $nets"; exit 77; }

ffmpeg -v error -nostdin -i "$source/assets/demo.jpg" -vf scale=640:-2 "$dir/photo.ppm"
ffmpeg -v error -nostdin -f lavfi -i "sine=frequency=140:duration=1:sample_rate=16000" \
    -f s16le -ac 1 "$dir/sound.s16"
"$talk" "$source/models" "$nets" "$dir/photo.ppm" <"$dir/sound.s16" >"$dir/talk.y4m"

read -r header <"$dir/talk.y4m"
[ "$header" = "YUV4MPEG2 W512 H512 F25:1 C420mpeg2" ] || fail "the header is: $header"
bytes=$(wc -c <"$dir/talk.y4m")
frame=$((6 + 512 * 512 * 3 / 2))
[ "$bytes" = $((${#header} + 1 + 25 * frame)) ] ||
    fail "$bytes bytes are not 25 frames of $frame bytes after a header of ${#header}"
frames=$(ffmpeg -v error -nostdin -i "$dir/talk.y4m" -f framemd5 - | grep -v '^#' |
    sed 's/.*, *//' | sort -u | wc -l)
[ "$frames" -gt 12 ] || fail "only $frames of 25 frames differ: the face stands still"
