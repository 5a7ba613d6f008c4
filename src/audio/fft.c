/* SPDX-License-Identifier: Apache-2.0 */
/* Real FFT (see fft.h): decimation in time, bit-reversed input, twiddles computed in double at
 * opening. */
#include "audio/fft.h"

#include <math.h>

#include "core/mem.h"

struct limner_fft {
    uint32_t n;                     /* real length; the complex one is n / 2 */
    uint32_t *order;                /* [n / 2] bit reversal */
    float *cosine, *sine;           /* [n / 2] of 2 pi k / n */
    float *re, *im;                 /* [n / 2] work */
};

limner_status limner_fft_open(limner_fft **out, uint32_t n_samples)
{
    limner_fft *f;
    uint32_t half = n_samples / 2;

    *out = NULL;
    if (n_samples < LIMNER_FFT_MIN || n_samples > LIMNER_FFT_MAX || (n_samples & (n_samples - 1)))
        return LIMNER_E_ARG;
    f = limner_calloc(1, sizeof(*f));
    if (!f)
        return LIMNER_E_NOMEM;
    f->n = n_samples;
    f->order = limner_calloc(half, sizeof(*f->order));
    f->cosine = limner_calloc((size_t)4 * half, sizeof(float));
    if (!f->order || !f->cosine) {
        limner_fft_close(&f);
        return LIMNER_E_NOMEM;
    }
    f->sine = f->cosine + half;
    f->re = f->sine + half;
    f->im = f->re + half;
    for (uint32_t k = 0; k < half; k++) {
        double a = 2.0 * 3.14159265358979323846 * k / n_samples;

        f->cosine[k] = (float)cos(a);
        f->sine[k] = (float)sin(a);
        f->order[k] = (f->order[k >> 1] >> 1) | (k & 1 ? half >> 1 : 0);
    }
    *out = f;
    return LIMNER_OK;
}

/* In place over re, im; twiddle step of a block of `len` is n / len of the real table. */
static void butterflies(limner_fft *f)
{
    uint32_t m = f->n / 2;

    for (uint32_t len = 2; len <= m; len *= 2) {
        uint32_t h = len / 2, step = f->n / len;

        for (uint32_t a = 0; a < m; a += len) {
            for (uint32_t k = 0; k < h; k++) {
                float c = f->cosine[k * step], s = f->sine[k * step];
                float *pr = f->re + a + k, *pi = f->im + a + k;
                float tr = pr[h] * c + pi[h] * s;
                float ti = pi[h] * c - pr[h] * s;

                pr[h] = pr[0] - tr;
                pi[h] = pi[0] - ti;
                pr[0] += tr;
                pi[0] += ti;
            }
        }
    }
}

void limner_fft_forward(limner_fft *f, const float *in, float *re, float *im)
{
    uint32_t m = f->n / 2;

    for (uint32_t k = 0; k < m; k++) {
        f->re[f->order[k]] = in[2 * k];
        f->im[f->order[k]] = in[2 * k + 1];
    }
    butterflies(f);
    for (uint32_t k = 0; k <= m; k++) {
        uint32_t a = k % m, b = (m - k) % m;
        float even_re = 0.5f * (f->re[a] + f->re[b]), even_im = 0.5f * (f->im[a] - f->im[b]);
        float odd_re = 0.5f * (f->im[a] + f->im[b]), odd_im = 0.5f * (f->re[b] - f->re[a]);
        float c = k < m ? f->cosine[k] : -1.0f, s = k < m ? f->sine[k] : 0.0f;

        re[k] = even_re + odd_re * c + odd_im * s;
        im[k] = even_im + odd_im * c - odd_re * s;
    }
}

void limner_fft_close(limner_fft **f)
{
    if (!f || !*f)
        return;
    limner_mem_free((*f)->order);
    limner_mem_free((*f)->cosine);
    limner_mem_free(*f);
    *f = NULL;
}
