/* SPDX-License-Identifier: Apache-2.0 */
/* What is said in each clip, from a file of lines
 *     CLIP|text
 *     CLIP|text|OFFSET_MS
 * CLIP is the file's name without its folder and ending; the text may be empty. OFFSET_MS (0 where
 * it is left out): how much later the picture is than the sound in the file, < 0 for a picture that
 * comes too early, as many published clips have it. */
#ifndef LIMNER_EVAL_SCRIPT_H
#define LIMNER_EVAL_SCRIPT_H

#include <stddef.h>

typedef struct eval_line {
    const char *clip, *text; /* of the script */
    double offset_ms;
} eval_line;

typedef struct eval_script {
    char *bytes;
    eval_line *lines;
    size_t n_lines;
} eval_script;

/* 0, or -1 and a sentence in err (LIMNER_IO_ERROR_SIZE) that names the line. */
int eval_script_read(eval_script *out, const char *path, char *err);
/* The line of the clip in the file of that path, or NULL. */
const eval_line *eval_script_find(const eval_script *script, const char *clip_path);
void eval_script_close(eval_script *script); /* NULL-safe */

#endif
