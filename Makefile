# SPDX-License-Identifier: Apache-2.0
# A thin front: scripts in tools/ install what is missing, meson builds and tests.
BUILD ?= build
PREFIX ?= /usr/local

.PHONY: all demo check build install uninstall clean

all: build

# The main job on a fresh machine: the demo portrait says a sentence.
demo: build
	@tools/demo "$(BUILD)"

# Every test, in a release build, a sanitizer build and a clang build; AGAIN=1: though nothing
# changed.
check:
	@tools/setup check
	@tools/fetch-models
	@tools/fetch-playwright
	@tools/check $(if $(AGAIN),again)

build:
	@tools/setup build
	@tools/fetch-models
	@tools/configure "$(BUILD)" "-Dprefix=$(PREFIX)" -Dlibdir=lib
	@ninja -C "$(BUILD)" --quiet

install: build
	@meson install -C "$(BUILD)" --no-rebuild --quiet
	@[ -n "$(DESTDIR)" ] || [ "$$(id -u)" != 0 ] || ldconfig
	@echo "installed in $(DESTDIR)$(PREFIX); make uninstall takes it away"

uninstall:
	@ninja -C "$(BUILD)" --quiet uninstall

clean:
	rm -rf build build-* out
