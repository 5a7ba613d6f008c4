#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check_faces.sh LIVE SAY TEN SOURCE_DIR: the examples stay under 100 lines; live shows a sound that
# comes as from a microphone, on time; say speaks a text; ten moves ten faces. Skips (77) without
# ffmpeg or the nets; say is left out without espeak-ng.
set -eu
live=$1
say=$2
ten=$3
source=$4
nets=${LIMNER_CACHE:-${XDG_CACHE_HOME:-${HOME-}/.cache}/limner}/models
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail() {
    echo "$*" >&2
    exit 1
}

for example in "$source"/examples/*; do
    lines=$(wc -l <"$example")
    [ "$lines" -lt 100 ] || fail "$example has $lines lines; an example stays under 100"
done

command -v ffmpeg >/dev/null 2>&1 || { echo "skipped: no ffmpeg"; exit 77; }
[ -f "$nets/selfie_segmentation.tflite" ] || { echo "skipped: no nets in $nets"; exit 77; }
ffmpeg -v error -nostdin -i "$source/assets/demo.jpg" -vf scale=640:-2 "$dir/photo.ppm"
set -- "$source/models" "$nets" "$dir/photo.ppm"

# Number of frames of a Y4M file, and of those that differ.
count() {
    ffmpeg -v error -nostdin -i "$1" -f framemd5 - | grep -v '^#' | sed 's/.*, *//' >"$dir/md5"
    frames=$(wc -l <"$dir/md5")
    differ=$(sort -u "$dir/md5" | wc -l)
}

# The face idles before somebody speaks, then two seconds in real time: 50 frames and more, of which
# a slow machine may leave out many.
: >"$dir/live.y4m"
(
    timeout 30 sh -c "while [ ! -s '$dir/live.y4m' ]; do sleep 0.1; done"
    timeout 10 ffmpeg -v error -nostdin -re -f lavfi \
        -i "sine=frequency=140:duration=2:sample_rate=16000" -f s16le -ac 1 -
) | timeout 60 "$live" "$@" >"$dir/live.y4m"
count "$dir/live.y4m"
[ "$frames" -ge 5 ] && [ "$differ" -ge 5 ] ||
    fail "live made $frames frames of two seconds, $differ different ones"

ffmpeg -v error -nostdin -f lavfi -i "sine=frequency=140:duration=0.4:sample_rate=16000" \
    -f s16le -ac 1 "$dir/sound.s16"
"$ten" "$@" <"$dir/sound.s16" >"$dir/ten"
[ "$(grep -c ': 10 frames, [0-9.]* a second$' "$dir/ten")" = 10 ] || fail "$(cat "$dir/ten")"

command -v espeak-ng >/dev/null 2>&1 || { echo "left out: say, for there is no espeak-ng"; exit 0; }
"$say" "$@" "Mamma mia." "$dir/voice.wav" >"$dir/say.y4m"
count "$dir/say.y4m"
seconds=$(ffmpeg -nostdin -i "$dir/voice.wav" -f null - 2>&1 |
    sed -n 's/.*Duration: 00:00:\([0-9]*\)\.\([0-9]*\),.*/\1 \2/p')
# shellcheck disable=SC2086
set -- $seconds
wanted=$(((${1#0} * 100 + ${2#0}) / 4))
[ "$frames" -ge "$wanted" ] && [ "$frames" -le $((wanted + 2)) ] && [ "$differ" -gt 10 ] ||
    fail "say made $frames frames, $differ different ones, for a voice of $1.$2 s"
