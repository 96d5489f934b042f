/* What is kept of rules. */
#include "register/columns_inner.h"

#include <stdlib.h>

struct retired {
    struct retired *next;
    void *p;
};

void retire(struct county *k, void *p)
{
    struct retired *r = p ? malloc(sizeof *r) : NULL;
    if (!r)
        return; /* nothing to keep, or no memory to remember it: it stays until the end */
    *r = (struct retired){k->retired, p};
    k->retired = r;
}

void retired_free(struct county *k)
{
    while (k->retired) {
        struct retired *r = k->retired;
        k->retired = r->next;
        free(r->p);
        free(r);
    }
}

void made_free(struct county *k)
{
    (void)k;
}
void made_drop_year(struct county *k, struct year_columns *y)
{
    (void)k, (void)y;
}
void made_drop(struct county *k)
{
    (void)k;
}
bool made_grow(struct county *k, struct year_columns *y, enum subject subject, size_t old_cap,
               size_t cap)
{
    (void)k, (void)y, (void)subject, (void)old_cap, (void)cap;
    return true;
}
void made_clear_row(struct county *k, struct year_columns *y, enum subject subject, size_t row)
{
    (void)k, (void)y, (void)subject, (void)row;
}
enum rc made_refresh(struct county *k, struct cx *cx, const int32_t *rows, size_t count)
{
    (void)k, (void)cx, (void)rows, (void)count;
    return RC_OK;
}
void made_area_touched(struct county *k, int32_t area)
{
    (void)k, (void)area;
}
void made_day(struct county *k, int32_t today)
{
    k->today = k->today > today ? k->today : today;
}
