/* Loads the code lists and the crosswalk between eras, and checks that nothing is lost on the
 * way from one era to the next. */
#include "base/limits.h"
#include "profile/profile_impl.h"

#include <string.h>

enum { LIST, CODE, LABEL_EN, LABEL_ZH, ALIASES, ERA, ORDER, COLUMNS };
static const char *const columns[] = {"list",    "code", "label_en", "label_zh",
                                      "aliases", "era",  "order"};

/* A code while its list is put together. */
struct loose {
    int32_t list;
    struct code code;
    int64_t line;
    size_t at; /* row */
};

static const char *const *split_aliases(const struct row *r)
{
    struct str cell = row_cell(r, ALIASES);
    size_t count = 1;
    for (size_t i = 0; i < cell.len; i++)
        count += cell.p[i] == '|';
    const char **out = arena_new(r->l->arena, (count + 1) * sizeof *out);
    count = 0;
    while (cell.p) {
        struct str alias = str_trim(str_cut(&cell, '|'));
        if (alias.len)
            out[count++] = arena_copy(r->l->arena, alias);
    }
    return out;
}

/* Position of an era, -1 unknown. */
static int era_at(const struct profile *p, struct str code)
{
    for (size_t i = 0; i < p->era_count; i++)
        if (str_eq_z(code, p->eras[i].code))
            return (int)i;
    return -1;
}

static void unknown_era(const struct row *r, int column)
{
    const struct profile *p = r->l->p;
    struct arena_mark mark = arena_mark(r->l->temp);
    const char **known = arena_new(r->l->temp, (p->era_count + 1) * sizeof *known);
    for (size_t i = 0; i < p->era_count; i++)
        known[i] = p->eras[i].code;
    row_unknown(r, column, known, p->era_count);
    arena_back(r->l->temp, mark);
}

static void check_eras(const struct row *r)
{
    for (struct str rest = row_cell(r, ERA); rest.p;) {
        struct str era = str_trim(str_cut(&rest, ' '));
        if (era.len && era_at(r->l->p, era) < 0)
            unknown_era(r, ERA);
    }
}

static int by_list_and_order(const void *a, const void *b)
{
    const struct loose *x = a, *y = b;
    if (x->list != y->list)
        return x->list < y->list ? -1 : 1;
    if (x->code.order != y->code.order)
        return x->code.order < y->code.order ? -1 : 1;
    return x->at < y->at ? -1 : 1;
}

static int by_code(const void *a, const void *b)
{
    const struct code *x = *(const struct code *const *)a, *y = *(const struct code *const *)b;
    return x->code < y->code ? -1 : x->code > y->code;
}

/* Notes that two codes of a list are spelled alike. */
static void add_spelling(struct loader *l, struct code_index *index,
                         const struct code_list *list, size_t at, struct str text)
{
    struct cx *cx = l->cx;
    char key[SPELLING_BYTES];
    size_t len;
    if (!spelling_key(key, &len, text) || !len)
        return;
    struct str folded = arena_str(l->arena, (struct str){key, len});
    int32_t other = names_put(&index->spellings, folded, (int32_t)at);
    if (other >= 0 && (size_t)other != at)
        loader_fault(l, "codes.csv", index->lines[at], "label_en", text,
                     arena_printf(cx->arena, _("In list %s, code %d is spelled so too."),
                                  list->name, (int)list->codes[other].code));
    else if (!str_eq(folded, text))
        (void)names_put(&index->spellings, text, (int32_t)at); /* the quick way to the same */
}

static void index_list(struct loader *l, struct code_list *list, const struct loose *rows)
{
    struct cx *cx = l->cx;
    struct code_index *index = arena_new(l->arena, sizeof *index);
    const struct code **by_number = arena_new(l->arena, list->code_count * sizeof *by_number);
    int64_t *lines = arena_new(l->arena, list->code_count * sizeof *lines);
    size_t spellings = 0;
    index->fits_bits = true;
    for (size_t i = 0; i < list->code_count; i++) {
        by_number[i] = &list->codes[i];
        lines[i] = rows[i].line;
        index->fits_bits = index->fits_bits && list->codes[i].code <= CODES_BIT_MAX;
        spellings += 6;
        for (const char *const *a = list->codes[i].aliases; *a; a++)
            spellings += 2;
    }
    qsort(by_number, list->code_count, sizeof *by_number, by_code);
    index->by_number = by_number;
    index->lines = lines;
    list->index = index;
    for (size_t i = 1; i < list->code_count; i++)
        if (by_number[i]->code == by_number[i - 1]->code)
            loader_fault(
                l, "codes.csv", lines[by_number[i] - list->codes], "code",
                str_of(arena_printf(cx->arena, "%" PRId32, by_number[i]->code)),
                arena_printf(cx->arena, _("The code stands twice in list %s."), list->name));
    names_init(&index->spellings, l->arena, spellings);
    for (size_t i = 0; i < list->code_count; i++) {
        const struct code *c = &list->codes[i];
        for (int lang = 0; lang < LANG_COUNT; lang++)
            add_spelling(l, index, list, i, str_of(c->label.in[lang]));
        for (const char *const *a = c->aliases; *a; a++)
            add_spelling(l, index, list, i, str_of(*a));
    }
    for (size_t i = 0; i < list->code_count; i++)
        add_spelling(l, index, list, i,
                     str_of(arena_printf(l->arena, "%" PRId32, list->codes[i].code)));
}

/* The sorted rows become lists. */
static void make_lists(struct loader *l, struct loose *rows, size_t count, size_t list_count)
{
    struct code_list *lists = arena_new(l->arena, (list_count + 1) * sizeof *lists);
    struct code *codes = arena_new(l->arena, (count + 1) * sizeof *codes);
    struct cx *cx = l->cx;
    qsort(rows, count, sizeof *rows, by_list_and_order);
    for (size_t i = 0; i < count; i++) {
        struct code_list *list = &lists[rows[i].list];
        codes[i] = rows[i].code;
        if (!list->code_count++)
            list->codes = &codes[i];
    }
    l->p->lists = lists;
    l->p->list_count = list_count;
    for (size_t i = 0; i < list_count; i++) {
        size_t first = (size_t)(lists[i].codes - codes);
        lists[i].name = l->list_names[i];
        if (lists[i].code_count > LIMIT_CODES_OF_LIST)
            loader_fault(l, "codes.csv", rows[first].line, "list", str_of(lists[i].name),
                         _("A list has at most 5,000 codes."));
        index_list(l, &lists[i], &rows[first]);
    }
}

void load_codes(struct loader *l)
{
    struct table t;
    const struct source_file *f = loader_file(l, "codes.csv");
    if (!f || !table_read(&t, l, f, columns, COLUMNS))
        return;
    struct loose *rows = arena_new(l->temp, (t.row_count + 1) * sizeof *rows);
    struct names *names = &l->p->own->lists;
    names_init(names, l->arena, t.row_count);
    l->list_names = arena_new(l->arena, (t.row_count + 1) * sizeof *l->list_names);
    int32_t list_count = 0;
    size_t count = 0;
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        int64_t code = -1, order = (int64_t)i;
        const char *name = row_name(&r, LIST);
        bool good = row_int(&code, &r, CODE, 0, INT32_MAX) && *name;
        if (row_cell(&r, ORDER).len)
            good = row_int(&order, &r, ORDER, 0, INT32_MAX) && good;
        struct label label = row_label(&r, LABEL_EN, true);
        check_eras(&r);
        if (!good)
            continue;
        int32_t list = names_put(names, str_of(name), list_count);
        if (list < 0) {
            list = list_count++;
            l->list_names[list] = name;
        }
        rows[count++] = (struct loose){.list = list,
                                       .code = {(int32_t)code, label, split_aliases(&r),
                                                row_text(&r, ERA), (int32_t)order},
                                       .line = row_line(&r),
                                       .at = i};
    }
    make_lists(l, rows, count, (size_t)list_count);
}

/* ---- crosswalk ---- */

enum { X_LIST, X_ERA_FROM, X_CODE_FROM, X_ERA_TO, X_CODE_TO, X_NOTE, X_COLUMNS };

static int row_era(const struct row *r, int column)
{
    int at = era_at(r->l->p, row_cell(r, column));
    if (at < 0)
        unknown_era(r, column);
    return at;
}

static const struct code *row_code(const struct row *r, int column,
                                   const struct code_list *list, const char *era)
{
    struct cx *cx = r->l->cx;
    int64_t number;
    if (!row_int(&number, r, column, 0, INT32_MAX))
        return NULL;
    const struct code *c = code_of(list, number);
    if (c && code_in_era(c, era))
        return c;
    row_fault(
        r, column,
        arena_printf(cx->arena, _("List %s has no such code in era %s."), list->name, era));
    return NULL;
}

static void load_crossing(struct crosswalk *out, const struct row *r)
{
    const struct loader *l = r->l;
    struct cx *cx = r->l->cx;
    const struct profile *p = l->p;
    const struct code_list *list = profile_list(p, row_cell(r, X_LIST));
    int from = row_era(r, X_ERA_FROM), to = row_era(r, X_ERA_TO);
    if (!list)
        row_unknown(r, X_LIST, l->list_names, p->list_count);
    if (!list || from < 0 || to < 0)
        return;
    if (to != from + 1) {
        row_fault(r, X_ERA_TO, _("Expected the era that follows era_from."));
        return;
    }
    const struct code *a = row_code(r, X_CODE_FROM, list, p->eras[from].code);
    const struct code *b = row_code(r, X_CODE_TO, list, p->eras[to].code);
    if (a && b)
        *out = (struct crosswalk){list,    p->eras[from].code, p->eras[to].code, a->code,
                                  b->code, row_text(r, X_NOTE)};
}

static const struct crosswalk *crossing_of(const struct profile *p,
                                           const struct code_list *list, int32_t code,
                                           const char *era)
{
    for (size_t i = 0; i < p->crosswalk_count; i++)
        if (p->crosswalks[i].list == list && p->crosswalks[i].code_from == code &&
            !strcmp(p->crosswalks[i].era_from, era))
            return &p->crosswalks[i];
    return NULL;
}

/* Every code of an era that the next one does not know needs a line in the crosswalk. */
static void check_complete(struct loader *l)
{
    const struct profile *p = l->p;
    struct cx *cx = l->cx;
    for (size_t i = 0; i < p->list_count; i++)
        for (size_t k = 0; k < p->lists[i].code_count; k++) {
            const struct code *c = &p->lists[i].codes[k];
            for (size_t e = 0; *c->era && e + 1 < p->era_count; e++)
                if (code_in_era(c, p->eras[e].code) && !code_in_era(c, p->eras[e + 1].code) &&
                    !crossing_of(p, &p->lists[i], c->code, p->eras[e].code))
                    loader_fault(l, "codes.csv", p->lists[i].index->lines[k], "era",
                                 str_of(c->era),
                                 arena_printf(cx->arena,
                                              _("crosswalk.csv must say what becomes of this "
                                                "code in era %s."),
                                              p->eras[e + 1].code));
        }
}

void load_crosswalk(struct loader *l)
{
    static const char *const x_columns[] = {"list",   "era_from", "code_from",
                                            "era_to", "code_to",  "note"};
    struct table t;
    const struct source_file *f = loader_file(l, "crosswalk.csv");
    if (!f || !table_read(&t, l, f, x_columns, X_COLUMNS))
        return;
    struct cx *cx = l->cx;
    struct crosswalk *out = arena_new(l->arena, (t.row_count + 1) * sizeof *out);
    l->p->crosswalks = out;
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        struct crosswalk *x = &out[l->p->crosswalk_count];
        load_crossing(x, &r);
        if (x->list && crossing_of(l->p, x->list, x->code_from, x->era_from))
            row_fault(&r, X_CODE_FROM, _("This code's way stands twice."));
        l->p->crosswalk_count += x->list != NULL;
    }
    check_complete(l);
}

int32_t profile_crosswalk(const struct profile *p, const struct code_list *list,
                          const char *from, int32_t code, const char *to)
{
    int e = era_at(p, str_of(from)), last = era_at(p, str_of(to));
    if (e < 0 || last < e)
        return -1;
    for (;; e++) {
        const struct code *c = code_of(list, code);
        if (!c)
            return -1;
        if (e == last)
            return code;
        const struct crosswalk *x = crossing_of(p, list, code, p->eras[e].code);
        if (x)
            code = x->code_to;
        else if (!code_in_era(c, p->eras[e + 1].code))
            return -1;
    }
}
