#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check_commands.sh LIMNER SOURCE_DIR: the commands in README's section "The command" run as they
# stand, with the demo portrait, a second of sound and its motion in place of the capitals (the
# timeline is that of doc/controls.md), and leave their output; every option named there is in the
# help. Skips (77) without ffmpeg or the nets.
set -eu
limner=$1
source=$2
nets=${LIMNER_CACHE:-${XDG_CACHE_HOME:-${HOME-}/.cache}/limner}/models
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0

wrong() {
    echo "README: $*" >&2
    status=1
}

sed -n '/^## The command$/,/^## The library$/p' "$source/README.md" >"$dir/section"
[ -s "$dir/section" ] || wrong "there is no section 'The command'"

for command in speak say drive track pose portrait listen preview serve info bench eval; do
    "$limner" help $command
done >"$dir/help"
for option in $(grep -o -e '--[a-z-]*' "$dir/section" | sort -u); do
    grep -q -e "$option " "$dir/help" || wrong "no command knows $option"
done

command -v ffmpeg >/dev/null 2>&1 || { echo "skipped: no ffmpeg"; exit 77; }
[ -f "$nets/selfie_segmentation.tflite" ] || { echo "skipped: no nets in $nets"; exit 77; }
cd "$dir"
cp "$source/assets/demo.jpg" demo.jpg
ffmpeg -v error -nostdin -i demo.jpg -frames:v 1 \
    -filter_complex "scale=512:-1,split[a][b];[b]hflip[c];[a][c]hstack" group.png
sed -n '/^```json$/,/^```$/p' "$source/doc/controls.md" | sed '/^```/d' >TIMELINE.json
[ -s TIMELINE.json ] || wrong "doc/controls.md shows no timeline"
ffmpeg -v error -nostdin -f lavfi -i "sine=frequency=140:duration=1:sample_rate=16000" voice.wav

"$limner" speak demo.jpg voice.wav -o talk.mp4 -q --motion-out motion.csv

# The lines of the block: command, two spaces or more, what it does.
sed -n 's/^    \(limner .*\)$/\1/p' section | sed 's/   *[^-].*$//; s/PORTRAIT\|PHOTO/demo.jpg/
    s/GROUP/group.png/; s/[AB]\.wav/voice.wav/g
    s/AUDIO/voice.wav/; s/ MOTION / motion.csv /; s/VIDEO/talk.mp4/
    s/^limner bench$/& --runs 1 --audio voice.wav/' >commands
values=$(grep -o '`--[a-z]* [^`]*`' section | grep -v alpha | tr -d '`' | tr '\n' ' ')
echo "limner speak demo.jpg voice.wav -o OUT.mp4 $values" >>commands
[ "$(wc -l <commands)" -ge 10 ] || wrong "fewer than ten commands: $(cat commands)"
while IFS= read -r line; do
    case $line in
    "limner say "*) command -v espeak-ng >/dev/null 2>&1 || { echo "left out: $line"; continue; } ;;
    esac
    case $line in
    "limner serve"*) continue ;; # goes on until it is stopped: tests/server runs it
    esac
    output=$(printf '%s\n' "$line" | sed -n 's/.* -o \([^ ]*\).*/\1/p')
    rm -f OUT.* FILE.* MOTION.*
    eval "'$limner' ${line#limner }" </dev/null >printed 2>errors ||
        wrong "'$line' fails: $(tail -n 3 errors)"
    [ -s "${output:-printed}" ] || wrong "'$line' leaves no ${output:-words}"
done <commands
exit $status
