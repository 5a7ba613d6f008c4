/* SPDX-License-Identifier: Apache-2.0 */
/* The shipped model, the fetched nets and the demo portrait, opened once for a test program. */
#ifndef LIMNER_TESTS_FIXTURE_H
#define LIMNER_TESTS_FIXTURE_H

#include "limner/limner.h"

typedef struct fixture {
    limner_model *model;
    limner_photo photo;         /* assets/demo.jpg */
    limner_portrait *portrait;
} fixture;

/* cmocka group setup and teardown; *state is a fixture. When the nets have not been fetched, says
 * so and ends the program with meson's exit status for a skipped test. */
int fixture_open(void **state);
int fixture_close(void **state);

#endif
