/* SPDX-License-Identifier: Apache-2.0 */
/* Finished rows with AVX2, for AVX-512 too: laid over the background, as luma and as chroma, in the
 * same integers as the C twin. */
#include <immintrin.h>
#include <stdbool.h>
#include <string.h>

#include "x86/pix_x86.h"

/* Four pixels of 16-bit channels laid over the background by their alpha. */
static __m256i lay_over(__m256i px, __m256i back)
{
    const __m256i alpha = _mm256_shuffle_epi8(
        px, _mm256_setr_epi8(6, 7, 6, 7, 6, 7, 6, 7, 14, 15, 14, 15, 14, 15, 14, 15, 6, 7, 6, 7, 6,
                             7, 6, 7, 14, 15, 14, 15, 14, 15, 14, 15));
    const __m256i clear = _mm256_sub_epi16(_mm256_set1_epi16(255), alpha);
    const __m256i sum = _mm256_add_epi16(
        _mm256_add_epi16(_mm256_mullo_epi16(back, clear), _mm256_mullo_epi16(px, alpha)),
        _mm256_set1_epi16(127));
    const __m256i more = _mm256_add_epi16(_mm256_srli_epi16(sum, 8), _mm256_set1_epi16(1));

    return _mm256_srli_epi16(_mm256_add_epi16(sum, more), 8);
}

void limner_pix_compose_avx2(uint8_t *rgba, const uint8_t *back, int32_t n)
{
    const __m256i zero = _mm256_setzero_si256(), opaque = _mm256_set1_epi32((int32_t)0xff000000u);

    for (int32_t i = 0; i < n; i += 8) {
        uint8_t part[2][32];
        const bool is_part = n - i < 8;
        uint8_t *at = is_part ? part[0] : rgba + 4 * i;
        const uint8_t *under = is_part ? part[1] : back + 4 * i;

        if (is_part) {
            memset(part, 0, sizeof(part));
            memcpy(part[0], rgba + 4 * i, 4 * (size_t)(n - i));
            memcpy(part[1], back + 4 * i, 4 * (size_t)(n - i));
        }
        const __m256i px = _mm256_loadu_si256((const __m256i *)at);
        const __m256i b = _mm256_loadu_si256((const __m256i *)under);

        if (!_mm256_testc_si256(px, opaque)) {
            const __m256i lo = lay_over(_mm256_unpacklo_epi8(px, zero),
                                        _mm256_unpacklo_epi8(b, zero));
            const __m256i hi = lay_over(_mm256_unpackhi_epi8(px, zero),
                                        _mm256_unpackhi_epi8(b, zero));

            _mm256_storeu_si256((__m256i *)at,
                                _mm256_or_si256(_mm256_packus_epi16(lo, hi), opaque));
        }
        if (is_part)
            memcpy(rgba + 4 * i, part[0], 4 * (size_t)(n - i));
    }
}

/* Sums of channels times weights of eight pixels of 16-bit channels, in order. */
static __m256i weigh(__m256i lo, __m256i hi, __m256i weights)
{
    return _mm256_hadd_epi32(_mm256_madd_epi16(lo, weights), _mm256_madd_epi16(hi, weights));
}

static __m256i weights_of(int16_t r, int16_t g, int16_t b)
{
    return _mm256_setr_epi16(r, g, b, 0, r, g, b, 0, r, g, b, 0, r, g, b, 0);
}

static __m256i luma_of(const uint8_t *rgba)
{
    const __m256i zero = _mm256_setzero_si256(), px = _mm256_loadu_si256((const __m256i *)rgba);
    const __m256i y = weigh(_mm256_unpacklo_epi8(px, zero), _mm256_unpackhi_epi8(px, zero),
                            weights_of(LIMNER_Y_R, LIMNER_Y_G, LIMNER_Y_B));

    return _mm256_srai_epi32(_mm256_add_epi32(y, _mm256_set1_epi32(LIMNER_Y_BIAS)),
                             LIMNER_Y_SHIFT);
}

void limner_pix_luma_avx2(uint8_t *out, const uint8_t *rgba, int32_t n)
{
    int32_t i = 0;

    for (; i + 16 <= n; i += 16) {
        const __m256i two = _mm256_permute4x64_epi64(
            _mm256_packs_epi32(luma_of(rgba + 4 * i), luma_of(rgba + 4 * i + 32)), 0xd8);

        _mm_storeu_si128((__m128i *)(out + i),
                         _mm_packus_epi16(_mm256_castsi256_si128(two),
                                          _mm256_extracti128_si256(two, 1)));
    }
    for (; i < n; i++) {
        const uint8_t *p = rgba + 4 * i;

        out[i] = (uint8_t)((LIMNER_Y_R * p[0] + LIMNER_Y_G * p[1] + LIMNER_Y_B * p[2] +
                            LIMNER_Y_BIAS) >> LIMNER_Y_SHIFT);
    }
}

/* Eight sums of 2 x 2 pixels: 16-bit channels of two rows, added, to bytes. */
static void write_chroma(uint8_t *out, const __m256i sum[4], __m256i weights)
{
    const __m256i both = _mm256_permute4x64_epi64(
        _mm256_hadd_epi32(weigh(sum[0], sum[1], weights), weigh(sum[2], sum[3], weights)), 0xd8);
    const __m256i v = _mm256_srai_epi32(
        _mm256_add_epi32(both, _mm256_set1_epi32(LIMNER_UV_BIAS)), LIMNER_UV_SHIFT);
    const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(v),
                                          _mm256_extracti128_si256(v, 1));

    _mm_storel_epi64((__m128i *)out, _mm_packus_epi16(words, words));
}

void limner_pix_chroma_avx2(uint8_t *u, uint8_t *v, const uint8_t *top, const uint8_t *low,
                            int32_t n)
{
    const __m256i zero = _mm256_setzero_si256();
    int32_t i = 0;

    for (; i + 16 <= n; i += 16) {
        __m256i sum[4];

        for (int k = 0; k < 2; k++) {
            const __m256i a = _mm256_loadu_si256((const __m256i *)(top + 4 * i + 32 * k));
            const __m256i b = _mm256_loadu_si256((const __m256i *)(low + 4 * i + 32 * k));

            sum[2 * k] = _mm256_add_epi16(_mm256_unpacklo_epi8(a, zero),
                                          _mm256_unpacklo_epi8(b, zero));
            sum[2 * k + 1] = _mm256_add_epi16(_mm256_unpackhi_epi8(a, zero),
                                              _mm256_unpackhi_epi8(b, zero));
        }
        write_chroma(u + i / 2, sum, weights_of(LIMNER_U_R, LIMNER_U_G, LIMNER_U_B));
        write_chroma(v + i / 2, sum, weights_of(LIMNER_V_R, LIMNER_V_G, LIMNER_V_B));
    }
    if (i < n)
        limner_pix_dsp_get(0)->chroma(u + i / 2, v + i / 2, top + 4 * i, low + 4 * i, n - i);
}
