#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check_install.sh BUILD_DIR SOURCE_DIR CC...: what is installed suffices: the command finds its
# models there, the example builds with the pkg-config file's flags, shared and static, manual and
# completions are in place, and uninstalling leaves no file. Skips (77) without the command or the
# nets.
set -eu
build=$1
source=$2
shift 2
[ -x "$build/cli/limner" ] || { echo "skipped: no limner command"; exit 77; }
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

fail() {
    echo "$*" >&2
    exit 1
}

DESTDIR=$root meson install -C "$build" --no-rebuild --quiet >/dev/null
command=$(find "$root" -name limner -path '*/bin/limner')
prefix=${command%/bin/limner}
for file in share/man/man1/limner.1 share/bash-completion/completions/limner \
    share/zsh/site-functions/_limner share/fish/vendor_completions.d/limner.fish \
    share/limner/face.limner include/limner/limner.h include/limner/version.h; do
    [ -s "$prefix/$file" ] || fail "not installed: $file"
done

# Where the installed libraries are: the .pc file says it for the final place, not for $root.
PKG_CONFIG_PATH=$(dirname "$(find "$root" -name limner.pc)")
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR="$root"
[ "$(pkg-config --modversion limner)" = "$(sed -n "s/.*version: '\(.*\)',/\1/p" \
    "$source/meson.build" | head -n 1)" ] || fail "limner.pc: the version is not the project's"
lib=$(dirname "$PKG_CONFIG_PATH")
cd "$root"
"$@" -o talk "$source/examples/talk.c" "$source/examples/common.c" "-I$prefix/include" "-L$lib" \
    -llimner
LD_LIBRARY_PATH=$lib ./talk a b c 2>why && fail "talk runs without its files"
grep -q '^talk: ' why || fail "the shared library does not load: $(cat why)"
flags=$(pkg-config --static --libs-only-l limner)
"$@" -o talk "$source/examples/talk.c" "$source/examples/common.c" "-I$prefix/include" \
    "$lib/liblimner.a" $(echo "$flags" | sed 's/-llimner//') -pthread
./talk a b c 2>why && fail "the static talk runs without its files"
grep -q '^talk: ' why || fail "the static program does not start: $(cat why)"

# No cache, no source tree's models: only what was installed.
if [ -f "$prefix/share/limner/selfie_segmentation.tflite" ]; then
    LIMNER_CACHE=$root/none "$command" info "$source/assets/demo.jpg" >/dev/null ||
        fail "the installed command does not find its models"
fi
DESTDIR=$root ninja -C "$build" uninstall >/dev/null
rm -f talk why
left=$(find "$root" -mindepth 1)
[ -z "$left" ] || fail "uninstalling leaves: $left"
