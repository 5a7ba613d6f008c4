/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the real program in the test folder and looks at its status and what it wrote. Paths in
 * arguments are therefore relative, and messages can be compared exactly. */
#ifndef LIMNER_TEST_RUN_H
#define LIMNER_TEST_RUN_H

#include <stddef.h>
#include <sys/types.h>

enum { RUN_MAX_TEXT = 1 << 16, RUN_MAX_ARGS = 32, RUN_SKIPPED = 77 /* exit status for meson */ };

typedef struct run_result {
    int status; /* exit status; minus the signal's number when killed */
    char out[RUN_MAX_TEXT], err[RUN_MAX_TEXT]; /* ended by 0 */
} run_result;

/* What is unusual about a run. */
typedef struct run_setup {
    const char *input;    /* file for standard input; NULL: /dev/null */
    const char *output;   /* file for standard output; NULL: into run_result.out */
    long max_file_bytes;  /* RLIMIT_FSIZE; 0: none */
    int is_output_closed; /* standard output is a pipe nobody reads */
} run_setup;

/* Arguments after the program's name, split at blanks; '...' holds blanks together. */
void run_limner(run_result *r, const run_setup *setup, const char *arguments);
/* Starts it and returns at once; run_wait gives the exit status. */
pid_t run_start(const char *arguments);
/* The same with these descriptors as standard input and output, and stderr the test's own. */
pid_t run_start_between(int in, int out, const char *arguments);
int run_wait(pid_t child);
/* The number of lines in text. */
int run_lines(const char *text);

/* Runs it and fails the test unless status, stdout and stderr are these. NULL: anything. */
void run_expect(const char *arguments, int status, const char *out, const char *err);

/* Fails the test unless it failed with one line that says `what`, and left no out.mp4. */
void run_assert_refused(const run_result *result, const char *what);
/* Runs it and copies what --hash printed. */
void run_hash(char hash[32], const run_setup *setup, const char *arguments);

/* 0, with a word why, where the nets that tools/fetch-models gets are not there. */
int run_has_nets(void);
/* demo.portrait from the project's demo picture. */
void run_make_portrait(void);
/* That, and a second of sound as sound.wav; the setup of a group of cmocka. 0. */
int run_make_inputs(void **state);

#endif
