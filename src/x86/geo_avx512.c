/* SPDX-License-Identifier: Apache-2.0 */
/* The loops over a frame's vertices, compiled for AVX-512 (geo_dsp.h). */
#include "x86/geo_x86.h"

#define SUFFIX avx512
#define TABLE limner_geo_dsp_avx512
#include "render/geo_rows_tmpl.h"
