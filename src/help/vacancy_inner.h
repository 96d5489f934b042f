/* What vacancy.c, candidate.c, wage.c and taper.c share; private to help/. */
#ifndef HELP_VACANCY_INNER_H
#define HELP_VACANCY_INNER_H

#include "help/vacancy.h"

/* Without a look at areas. RC_NOTFOUND with a sentence. */
enum rc placement_load(struct placement *out, struct cx *cx, int64_t id) MUST_USE;
/* Compiles who fits. RC_INVALID: the mistake, in cx->err. */
enum rc vacancy_compile(const struct rule_program **out, struct cx *cx,
                        const char *rule) MUST_USE;

#endif
