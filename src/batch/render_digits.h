/* render_digits.h: what the render_*.c files share; render.h is the interface. */
#ifndef RIVET_BATCH_RENDER_DIGITS_H
#define RIVET_BATCH_RENDER_DIGITS_H

#include "util/base.h"

enum { RENDER_UINT64_BYTES = 20, RENDER_UINT128_BYTES = 39 };

/* "00" … "99". */
static inline void
render_two_digits(unsigned value, char *to)
{
    static const char PAIRS[] = "00010203040506070809101112131415161718192021222324"
                                "25262728293031323334353637383940414243444546474849"
                                "50515253545556575859606162636465666768697071727374"
                                "75767778798081828384858687888990919293949596979899";

    memcpy(to, PAIRS + (size_t)value * 2, 2);
}

#endif
