/* What a proof from zero finds: see register_verify, ledger_verify, stock_verify. */
#ifndef BASE_VERIFY_H
#define BASE_VERIFY_H

#include <stdint.h>

struct verify_fault {
    const char *what; /* English, for the administrator and the log: "no movement for …" */
    int64_t county, id;
};

#endif
