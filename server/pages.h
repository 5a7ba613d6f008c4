/* SPDX-License-Identifier: Apache-2.0 */
/* The files of web/ as they were when the program was built; pages.c is made by tools/embed. */
#ifndef LIMNER_SERVER_PAGES_H
#define LIMNER_SERVER_PAGES_H

#include <stddef.h>

typedef struct server_page {
    const char *path, *type; /* "/page.js", "text/javascript; charset=utf-8" */
    const unsigned char *bytes;
    size_t len_bytes;
} server_page;

extern const server_page server_pages[]; /* ended by a NULL path */

#endif
