/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs made by the tests of io: a temporary folder and WAV files of any sample format. */
#ifndef LIMNER_TEST_FILES_H
#define LIMNER_TEST_FILES_H

#include <stddef.h>
#include <stdint.h>

/* A fresh folder, made at the first call. */
const char *test_folder(void);
/* FOLDER/name; one of eight static strings. */
const char *test_path(const char *name);
/* A file the project ships: tests/data/name. */
const char *test_data(const char *name);
void test_write(const char *path, const void *bytes, size_t n);
/* The file `from` into the test folder, but its last n_missing bytes. */
void test_copy(const char *from, const char *to, size_t n_missing);
/* Files in the test folder whose name contains `part`. */
int test_count(const char *part);
void test_remove_folder(void);
/* The same as the teardown of a group of cmocka; 0. */
int test_clean_up(void **state);

enum { TEST_PCM, TEST_FLOAT = 3 };

/* A tone of 440 Hz with a click (full scale, 1 ms) at click_s (< 0: none) on every channel. */
void test_wav(const char *path, int form, int bits, int rate_hz, int n_channels, double seconds,
              double click_s);

#endif
