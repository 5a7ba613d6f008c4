/* SPDX-License-Identifier: Apache-2.0 */
/* Where something stands in a JSON text: the parser says what a value is, not where. */
#ifndef LIMNER_CLI_JSON_PLACE_H
#define LIMNER_CLI_JSON_PLACE_H

#include <stdbool.h>
#include <stddef.h>

/* From an object to the member `key`, or (NULL) from an array to its element `index`. */
typedef struct cli_json_step {
    const char *key;
    size_t index;
} cli_json_step;

/* Line and column, from 1 on; a column is a character of UTF-8. */
typedef struct cli_json_place {
    size_t line, column;
} cli_json_place;

/* Of byte `at` of a text. */
cli_json_place cli_json_place_at(const char *text, size_t at);
/* Of the value at the path's end (of_name: of the member's name) in a valid text that starts with
 * an object or array; where a name is written with escapes, of what it stands in. */
cli_json_place cli_json_place_of(const char *text, size_t n_bytes, const cli_json_step *path,
                                 int n_steps, bool of_name);
/* The byte at which arrays and objects are nested deeper than `most`; n_bytes: nowhere. */
size_t cli_json_too_deep(const char *text, size_t n_bytes, int most);

#endif
