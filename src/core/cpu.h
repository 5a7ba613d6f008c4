/* SPDX-License-Identifier: Apache-2.0 */
/* CPU features, detected once; a mask lets tests choose any path on one machine. */
#ifndef LIMNER_CORE_CPU_H
#define LIMNER_CORE_CPU_H

#include "limner/limner.h"

/* limner_cpu_flags and limner_cpu_set_mask are in limner.h. */
/* Cores this process may use, at least 1. */
uint32_t limner_cpu_count(void);

#endif
