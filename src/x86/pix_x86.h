/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel tables of the renderer for x86 (see render/pix_dsp.h). */
#ifndef LIMNER_X86_PIX_X86_H
#define LIMNER_X86_PIX_X86_H

#include "render/pix_dsp.h"

extern const limner_pix_dsp limner_pix_dsp_avx2, limner_pix_dsp_avx512;

/* Bound by memory, or too short: AVX-512 has none of its own. */
bool limner_pix_set_up_avx2(limner_tri *t, limner_plane *p, const limner_vertex *a,
                            const limner_vertex *b, const limner_vertex *c);
void limner_pix_sample_exact_avx2(const limner_texture *t, float u, float v, float rgba[4]);
void limner_pix_places_avx2(const limner_plane *plane, const int32_t *id, int32_t n, float x,
                            float y, const limner_places *out);
void limner_pix_join_avx2(const limner_border *b, const int32_t *core, const limner_places *under,
                          int32_t n, const limner_places *row, uint8_t *mark);
void limner_pix_compose_avx2(uint8_t *rgba, const uint8_t *back, int32_t n);
void limner_pix_luma_avx2(uint8_t *out, const uint8_t *rgba, int32_t n);
void limner_pix_chroma_avx2(uint8_t *u, uint8_t *v, const uint8_t *top, const uint8_t *low,
                            int32_t n);

#endif
