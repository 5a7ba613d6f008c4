/* SPDX-License-Identifier: Apache-2.0 */
/* Ownership of an appearance's layers. */
#include "face/appearance.h"

#include <string.h>

#include "core/mem.h"

void limner_appearance_close(limner_appearance *a)
{
    if (!a)
        return;
    limner_mem_free(a->residual);
    limner_image_close(&a->photo);
    limner_image_close(&a->matte);
    limner_image_close(&a->foreground);
    limner_image_close(&a->background);
    limner_image_close(&a->eyes);
    limner_image_close(&a->highlight);
    limner_image_close(&a->full);
    memset(a, 0, sizeof(*a));
}
