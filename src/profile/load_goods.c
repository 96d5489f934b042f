/* Loads goods.csv: kinds of goods on the market. */
#include "profile/goods.h"
#include "profile/load_rules.h"

#include <string.h>

enum { CODE, CLAIM_HOURS, LABEL_EN, LABEL_ZH, COLUMNS, CLAIM_HOURS_MAX = 24 * 30 };

void load_goods(struct loader *l)
{
    static const char *const columns[] = {"code", "claim_hours", "label_en", "label_zh"};
    struct table t;
    struct cx *cx = l->cx;
    if (!table_optional(&t, l, "goods.csv", columns, COLUMNS))
        return;
    struct goods_kind *kinds = arena_new(l->arena, (t.row_count + 1) * sizeof *kinds);
    struct goods *g = arena_new(l->arena, sizeof *g);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        kinds[i] = (struct goods_kind){.code = row_name(&r, CODE),
                                       .label = row_label(&r, LABEL_EN, true)};
        (void)row_int(&kinds[i].claim_hours, &r, CLAIM_HOURS, 0, CLAIM_HOURS_MAX); /* noted */
        for (size_t k = 0; k < i; k++)
            if (!strcmp(kinds[k].code, kinds[i].code))
                row_fault(&r, CODE, _("This code stands twice."));
    }
    *g = (struct goods){kinds, t.row_count};
    l->p->goods = g;
}

const struct goods_kind *profile_goods(const struct profile *p, struct str code)
{
    for (size_t i = 0; p->goods && i < p->goods->count; i++)
        if (str_eq_z(code, p->goods->kinds[i].code))
            return &p->goods->kinds[i];
    return NULL;
}
