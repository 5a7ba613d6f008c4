/* SPDX-License-Identifier: Apache-2.0 */
/* The API number: grows when a symbol, enum value or struct field is added;
 * meson derives the library's soname from it. */
#ifndef LIMNER_VERSION_H
#define LIMNER_VERSION_H

#define LIMNER_VERSION_MAJOR 0
#define LIMNER_VERSION_MINOR 1
#define LIMNER_VERSION_PATCH 0
#define LIMNER_VERSION_STRING "0.1.0"

#endif
