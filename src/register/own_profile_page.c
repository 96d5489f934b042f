/* The profile's rules to read: derived indicators, checks, deprivations, with their text, where
 * each is named, and a way to make an own rule of it. */
#include "base/format.h"
#include "base/utf8.h"
#include "people/actor.h"
#include "register/own_profile.html.h"
#include "register/own_rule_view.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_ROWS = 30, FILTERS = 3, USED_MAX = 12 };

/* One of the profile's rules, whatever it is. */
struct item {
    const char *kind; /* "derived", "check", "deprivation" */
    const char *code, *rule;
    enum subject subject;
    const char *label, *help;
    const struct check *check;
    const struct poverty_index *index;
};
struct items {
    struct item *all;
    size_t count;
};

static void add_items(struct items *out, struct cx *cx)
{
    const struct profile_rules *r = cx->profile->rules;
    size_t room = r->derived_count + r->check_count + 1;
    for (size_t i = 0; i < r->index_count; i++)
        room += r->indexes[i].count;
    out->all = arena_new(cx->arena, room * sizeof *out->all);
    for (size_t i = 0; i < r->derived_count; i++) {
        const struct derived *d = &r->derived[i];
        out->all[out->count++] = (struct item){.kind = "derived",
                                               .code = d->code,
                                               .rule = d->rule,
                                               .subject = d->subject,
                                               .label = LABEL(cx, d->label),
                                               .help = LABEL(cx, d->help)};
    }
    for (size_t i = 0; i < r->index_count; i++)
        for (size_t k = 0; k < r->indexes[i].count; k++) {
            const struct deprivation *d = &r->indexes[i].deprivations[k];
            out->all[out->count++] = (struct item){.kind = "deprivation",
                                                   .code = d->code,
                                                   .rule = d->rule,
                                                   .subject = SUBJECT_HOUSEHOLD,
                                                   .label = LABEL(cx, d->label),
                                                   .help = LABEL(cx, d->help),
                                                   .index = &r->indexes[i]};
        }
    for (size_t i = 0; i < r->check_count; i++) {
        const struct check *c = &r->checks[i];
        out->all[out->count++] = (struct item){.kind = "check",
                                               .code = c->code,
                                               .rule = c->rule,
                                               .subject = c->subject,
                                               .label = LABEL(cx, c->message),
                                               .help = LABEL(cx, c->hint),
                                               .check = c};
    }
}

static const char *kind_label(struct cx *cx, const struct item *i)
{
    return i->check ? _("Check") : i->index ? _("Deprivation") : _("Derived indicator");
}

static const char *subject_label(struct cx *cx, enum subject subject)
{
    return subject == SUBJECT_AREA ? _("about areas") : own_subject_text(cx, subject);
}

static bool has(struct cx *cx, const char *text, struct str wanted)
{
    return str_find(utf8_fold(cx, str_of(text)), wanted) != SIZE_MAX;
}

static bool fits(struct cx *cx, const struct item *i, struct str kind, struct str wanted)
{
    if (kind.len && !str_eq_z(kind, i->kind))
        return false;
    if (!wanted.len)
        return true;
    return has(cx, i->label, wanted) || has(cx, i->code, wanted) || has(cx, i->rule, wanted) ||
           has(cx, i->help, wanted) ||
           (i->check && str_eq_z(wanted, arena_printf(cx->arena, "%d", i->check->number)));
}

/* ---- where a derived indicator is named ---- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_';
}

/* As a word of the text, but not within quotes. */
static bool names_it(const char *rule, const char *code)
{
    size_t len = strlen(code);
    bool quoted = false;
    for (const char *p = rule; *p; p++) {
        quoted = *p == '\'' ? !quoted : quoted;
        if (!quoted && (p == rule || !is_word(p[-1])) && !strncmp(p, code, len) &&
            !is_word(p[len]))
            return true;
    }
    return false;
}

static void fill_used(struct own_profile_row *row, struct cx *cx, const struct items *items,
                      const struct item *it)
{
    const char **used = arena_new(cx->arena, (USED_MAX + 1) * sizeof *used);
    row->used = used;
    if (it->check || it->index)
        return;
    for (size_t i = 0; i < items->count && row->used_count < USED_MAX; i++) {
        const struct item *o = &items->all[i];
        if (o != it && names_it(o->rule, it->code))
            used[row->used_count++] =
                o->check ? arena_printf(cx->arena, _("Check %d"), o->check->number) : o->label;
    }
    const struct profile *p = cx->profile;
    for (size_t i = 0; i < p->capability_count && row->used_count < USED_MAX; i++)
        if (!strcmp(p->capability[i], it->code))
            used[row->used_count++] = _("the page “Own strength”");
}

/* ---- a row ---- */

static void fill_row(struct own_profile_row *row, struct cx *cx, const struct items *items,
                     const struct item *it)
{
    *row = (struct own_profile_row){.kind = kind_label(cx, it),
                                    .code = it->code,
                                    .subject = subject_label(cx, it->subject),
                                    .label = it->label,
                                    .help = it->help,
                                    .rule = it->rule,
                                    .more = it->index ? LABEL(cx, it->index->label) : ""};
    if (it->check) {
        row->more = arena_printf(cx->arena, "%d · %s · %s", it->check->number,
                                 severity_text(cx, it->check->severity),
                                 LABEL(cx, it->check->group->label));
        row->href = arena_printf(cx->arena, "/check/%d", it->check->number);
        row->href_label = _("What it finds");
    } else if (it->index && actor_may(cx, "poverty.view")) {
        row->href = arena_printf(cx->arena, "/poverty/dimensions?index=%s", it->index->code);
        row->href_label = _("The index it belongs to");
    }
    if (it->subject != SUBJECT_AREA && actor_may(cx, "rule.edit"))
        row->copy_href =
            it->check   ? arena_printf(cx->arena, "/rule/new?from=check.%d", it->check->number)
            : it->index ? arena_printf(cx->arena, "/rule/new?from=deprivation.%s.%s",
                                       it->index->code, it->code)
                        : arena_printf(cx->arena, "/rule/new?from=derived.%s", it->code);
    fill_used(row, cx, items, it);
}

/* ---- the page ---- */

static const struct table *make_table(struct cx *cx, struct str kind, struct str search,
                                      size_t found, size_t after)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_filter *f = arena_new(cx->arena, FILTERS * sizeof *f);
    struct filter_choice *kinds = arena_new(cx->arena, 4 * sizeof *kinds);
    kinds[0] = (struct filter_choice){"", _("all")};
    kinds[1] = (struct filter_choice){"derived", _("Derived indicators")};
    kinds[2] = (struct filter_choice){"check", _("Checks")};
    kinds[3] = (struct filter_choice){"deprivation", _("Deprivations")};
    f[0] = (struct table_filter){.kind = FILTER_SEARCH,
                                 .name = "q",
                                 .label = _("Words, name or number"),
                                 .value = arena_copy(cx->arena, search)};
    f[1] = (struct table_filter){FILTER_CHOICE, "kind", _("Kind"), arena_copy(cx->arena, kind),
                                 kinds,         4};
    *t = (struct table){.caption = _("The profile's rules"),
                        .base = "/rule/profile",
                        .query =
                            arena_printf(cx->arena, "kind=%s&q=%s", url_encode(cx->arena, kind),
                                         url_encode(cx->arena, search)),
                        .filters = f,
                        .filter_count = 2,
                        .total = arena_printf(cx->arena, _n("%s rule", "%s rules", found),
                                              format_int(cx, (int64_t)found)),
                        .is_first_page = after == 0,
                        .empty_title = _("No rule fits"),
                        .empty_href = "/rule/profile",
                        .empty_action = _("Show all")};
    if (after + PAGE_ROWS < found)
        t->next_token = arena_printf(cx->arena, "%zu", after + PAGE_ROWS);
    return t;
}

static enum rc profile_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct str kind = request_query(q, "kind"), search = str_trim(request_query(q, "q"));
    struct items items = {0};
    int64_t after = 0;
    size_t found = 0;
    if (!str_to_i64(&after, request_query(q, "after")) || after < 0)
        after = 0;
    if (!str_eq_z(kind, "check") && !str_eq_z(kind, "derived") &&
        !str_eq_z(kind, "deprivation"))
        kind = STR("");
    add_items(&items, cx);
    struct str wanted = utf8_fold(cx, search);
    struct own_profile_row *rows = arena_new(cx->arena, PAGE_ROWS * sizeof *rows);
    struct own_profile_view v = {.rows = rows};
    for (size_t i = 0; i < items.count; i++) {
        struct arena_mark mark = arena_mark(cx->arena);
        bool wants = fits(cx, &items.all[i], kind, wanted);
        arena_back(cx->arena, mark);
        if (!wants)
            continue;
        if (found >= (size_t)after && v.count < PAGE_ROWS)
            fill_row(&rows[v.count++], cx, &items, &items.all[i]);
        found++;
    }
    v.table = make_table(cx, kind, search, found, (size_t)after);
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Rules"), .nav = "rule"});
    own_profile_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/rule/profile",
     .scope = SCOPE_PERMISSION,
     .permission = "profile.view",
     .csrf = CSRF_NONE,
     .handle = profile_get},
};
const struct route_table own_profile_routes = ROUTE_TABLE(rows);
