/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the whole file, ends fields by zeros and points into it; see script.h. */
#include "eval/script.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "io/error.h"
#include "io/media.h"

enum { MAX_BYTES = 1 << 26, MOST_OFFSET_MS = 1000 };

/* Ends the field and moves to the next one; NULL: it was the last. */
static char *cut(char *field, char mark)
{
    char *end = field ? strchr(field, mark) : NULL;

    if (!end)
        return NULL;
    *end = '\0';
    return end + 1;
}

/* false: it is not CLIP|text or CLIP|text|number. */
static bool parse(eval_line *line, char *field)
{
    char *text = cut(field, '|'), *offset = cut(text, '|'), *end;

    line->clip = field;
    line->text = text;
    line->offset_ms = offset ? strtod(offset, &end) : 0;
    return text && *field && (!offset || (end != offset && !end[strspn(end, " \t")])) &&
           fabs(line->offset_ms) <= MOST_OFFSET_MS;
}

static size_t count_lines(const char *text)
{
    size_t n = 1;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static int split(eval_script *out, const char *path, char *err)
{
    size_t number = 0;

    out->lines = calloc(count_lines(out->bytes), sizeof(*out->lines));
    if (!out->lines)
        return limner_io_fail(err, limner_io_input_name(path), "not enough memory");
    for (char *next, *line = out->bytes; line; line = next) {
        next = cut(line, '\n');
        number++;
        cut(line, '\r');
        if (*line && !parse(&out->lines[out->n_lines++], line))
            return limner_io_fail(err, limner_io_input_name(path),
                                  "line %zu is not CLIP|text or CLIP|text|OFFSET_MS with an offset "
                                  "of at most %d ms", number, MOST_OFFSET_MS);
    }
    return 0;
}

int eval_script_read(eval_script *out, const char *path, char *err)
{
    limner_io_file file;

    memset(out, 0, sizeof(*out));
    if (limner_io_file_read(&file, path, MAX_BYTES, err))
        return -1;
    out->bytes = malloc(file.len_bytes + 1);
    if (out->bytes) {
        memcpy(out->bytes, file.bytes, file.len_bytes);
        out->bytes[file.len_bytes] = '\0';
    }
    limner_io_file_close(&file);
    const int bad = out->bytes ? split(out, path, err)
                               : limner_io_fail(err, limner_io_input_name(path),
                                                "not enough memory");
    if (bad)
        eval_script_close(out);
    return bad;
}

const eval_line *eval_script_find(const eval_script *script, const char *clip_path)
{
    const char *slash = strrchr(clip_path, '/'), *name = slash ? slash + 1 : clip_path;
    const char *dot = strrchr(name, '.');
    const size_t len = dot ? (size_t)(dot - name) : strlen(name);

    for (size_t i = 0; i < script->n_lines; i++)
        if (strlen(script->lines[i].clip) == len && !memcmp(script->lines[i].clip, name, len))
            return &script->lines[i];
    return NULL;
}

void eval_script_close(eval_script *script)
{
    if (!script)
        return;
    free(script->bytes);
    free(script->lines);
    memset(script, 0, sizeof(*script));
}
