/* A rule in plain words: the conditions of the profile out of which it is made, with yes, no or
 * not known for this household or area. The full list of values is often too long to read. */
#include "casework/case_inner.h"

#include <string.h>

enum { PARTS_MAX = 24 };

struct part_list {
    const struct derived *d[PARTS_MAX];
    size_t count;
};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '.';
}

/* The derived condition of that code and subject; NULL. */
static const struct derived *condition(const struct profile *p, struct str code,
                                       enum subject subject)
{
    const struct profile_rules *r = p->rules;
    for (size_t i = 0; i < r->derived_count; i++)
        if (str_eq_z(code, r->derived[i].code) && r->derived[i].subject == subject &&
            rule_root_type(r->derived_program, i).kind == RULE_BOOL)
            return &r->derived[i];
    return NULL;
}

static void add(struct part_list *list, const struct derived *d)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->d[i] == d)
            return;
    if (list->count < PARTS_MAX)
        list->d[list->count++] = d;
}

/* The conditions that a text names, in its order. Texts in quotes and comments are no names. */
static void named(struct part_list *list, const struct profile *p, const char *text,
                  enum subject subject)
{
    for (const char *at = text; *at;) {
        size_t len = 0;
        if (*at == '\'' || *at == '#') {
            char end = *at == '#' ? '\n' : '\'';
            const char *close = strchr(at + 1, end);
            at = close ? close + 1 : at + strlen(at);
            continue;
        }
        while (is_word(at[len]))
            len++;
        const struct derived *d = len ? condition(p, (struct str){at, len}, subject) : NULL;
        if (d)
            add(list, d);
        at += len ? len : 1;
    }
}

enum rc case_parts_of(const struct case_part **out, size_t *count, struct cx *cx,
                      const struct case_where *w, const char *rule)
{
    const struct profile *p = cx->profile;
    struct part_list first = {0}, all = {0};
    named(&first, p, rule, w->subject);
    for (size_t i = 0; i < first.count; i++) {
        struct part_list inside = {0};
        named(&inside, p, first.d[i]->rule, w->subject);
        if (inside.count < 2)
            add(&all, first.d[i]);
        for (size_t k = 0; inside.count >= 2 && k < inside.count; k++)
            add(&all, inside.d[k]);
    }
    struct case_part *parts = arena_new(cx->arena, (all.count + 1) * sizeof *parts);
    for (size_t i = 0; i < all.count; i++) {
        struct column col;
        TRY(columns_derived(&col, cx, w->c, (size_t)(all.d[i] - p->rules->derived), w->year));
        int64_t v = column_at(col, (size_t)w->row);
        parts[i] = (struct case_part){.label = all.d[i]->label,
                                      .value = v == COLUMN_MISSING ? ADVICE_UNKNOWN
                                               : v                 ? ADVICE_YES
                                                                   : ADVICE_NO};
    }
    *out = parts;
    *count = all.count;
    return RC_OK;
}
