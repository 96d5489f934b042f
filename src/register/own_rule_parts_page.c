/* What the pages about own rules share: words for kinds and states, where a mistake stands,
 * what a rule finds by area and whom, what differs between versions, names, and the part of a
 * household's page. */
#include "base/format.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "people/actor.h"
#include "register/household_view.h"
#include "register/own_rule_view.h"

#include <string.h>

enum { AREA_COLUMNS = 5, DIFF_LINES = 300, DIFFS_MAX = 9, VALUES_MAX = 12 };

const char *own_state_text(struct cx *cx, enum own_state state)
{
    switch (state) {
    case OWN_DRAFT:
        return _("Draft");
    case OWN_IN_FORCE:
        return _("In force");
    case OWN_RETIRED:
        return _("Retired");
    }
    return "";
}

const char *own_state_tone(enum own_state state)
{
    return state == OWN_IN_FORCE ? "good" : state == OWN_DRAFT ? "warn" : "muted";
}

const char *own_kind_text(struct cx *cx, const struct own_rule *rule)
{
    switch (rule->kind) {
    case OWN_CHECK:
        return _("Check");
    case OWN_LIST:
        return _("List");
    case OWN_FIGURE:
        return _("Figure");
    }
    return "";
}

const char *own_subject_text(struct cx *cx, enum subject subject)
{
    return subject == SUBJECT_PERSON ? _("about people") : _("about households");
}

const char *own_type_text(struct cx *cx, const struct rule_type *type)
{
    switch (type->kind) {
    case RULE_NUMBER:
        return type->decimals ? arena_printf(cx->arena,
                                             _n("number, %d decimal", "number, %d decimals",
                                                type->decimals),
                                             (int)type->decimals)
                              : _("whole number");
    case RULE_BOOL:
        return _("yes or no");
    case RULE_CODE:
        return _("one of a list");
    case RULE_CODES:
        return _("several of a list");
    case RULE_DAY:
        return _("date");
    case RULE_MONTH:
        return _("month");
    case RULE_TEXT:
        return _("text");
    }
    return "";
}

const char *own_rule_title(struct cx *cx, const struct own_rule *rule)
{
    struct str note = str_of(rule->note);
    if (rule->message[0])
        return rule->message;
    struct str line = str_trim(str_cut(&note, '\n'));
    return line.len ? arena_copy(cx->arena, line) : rule->code;
}

const char *own_rule_href(struct cx *cx, const struct own_rule *rule)
{
    return arena_printf(cx->arena, "/rule/%" PRId64, rule->id);
}

/* ---- where the mistake stands ---- */

void own_fault_fill(struct own_fault_view *out, struct cx *cx, const struct own_rule *rule,
                    const struct rule_fault *fault)
{
    struct str text = str_of(rule->rule);
    size_t at = fault->at < text.len ? fault->at : text.len, from = at, to = at;
    size_t length = fault->length <= text.len - at ? fault->length : text.len - at;
    while (from > 0 && text.p[from - 1] != '\n')
        from--;
    while (to < text.len && text.p[to] != '\n')
        to++;
    length = at + length > to ? to - at : length;
    struct buf caret;
    buf_init(&caret, cx->arena, 4 * RULE_TEXT_MAX);
    struct str before = {text.p + from, at - from}, rest = before;
    while (rest.len) /* a Chinese character is two wide: so is the blank under it */
        buf_z(&caret, utf8_next(&rest) >= 0x1100 ? "\u3000" : " ");
    buf_char(&caret, '^');
    struct str marked = {text.p + at, length};
    *out = (struct own_fault_view){
        .message = fault->message,
        .where =
            arena_printf(cx->arena, _("Line %zu, character %zu"), fault->line, fault->column),
        .before = arena_copy(cx->arena, before),
        .marked = arena_copy(cx->arena, marked),
        .after = arena_copy(cx->arena, (struct str){marked.p + length, to - at - length}),
        .caret = arena_copy(cx->arena, buf_view(&caret)),
        .line = fault->line,
        .column = fault->column,
        .length = utf8_length(marked),
    };
}

/* ---- what a rule finds ---- */

struct filling {
    struct own_result *out;
    const struct check_query *query;
    const char *base;
    const struct own_open *open;
    struct own_tally total, *child;
};

static void fill_areas(struct filling *f, struct cx *cx)
{
    const struct check_scope *s = &f->out->where->scope;
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *c = arena_new(cx->arena, AREA_COLUMNS * sizeof *c);
    struct table_cell *cells =
        arena_new(cx->arena, (s->child_count + 1) * AREA_COLUMNS * sizeof *cells);
    size_t width = 0;
    c[width++] = (struct table_column){NULL, _("Area"), ALIGN_TEXT, false};
    c[width++] = (struct table_column){NULL, f->out->is_bool ? _("True") : _("Known"),
                                       ALIGN_NUMBER, false};
    if (f->out->is_bool)
        c[width++] = (struct table_column){NULL, _("False"), ALIGN_NUMBER, false};
    c[width++] = (struct table_column){NULL, _("Not known"), ALIGN_NUMBER, false};
    if (f->out->of_people)
        c[width++] = (struct table_column){NULL, _("Households"), ALIGN_NUMBER, true};
    for (size_t i = 0; i < s->child_count; i++) {
        struct table_cell *row = cells + i * width;
        const struct own_tally *y = &f->child[i];
        size_t n = 0;
        row[n++] = (struct table_cell){
            s->children[i].name,
            f->base ? check_href(cx, f->base, s->children[i].id, f->out->where->year) : NULL,
            NULL};
        row[n++].text = format_int(cx, y->yes);
        if (f->out->is_bool)
            row[n++].text = format_int(cx, y->no);
        row[n++].text = format_int(cx, y->unknown);
        if (f->out->of_people)
            row[n++].text = format_int(cx, y->households);
    }
    *t = (struct table){.caption = _("By area"),
                        .base = f->base ? f->base : "",
                        .query = "",
                        .columns = c,
                        .column_count = width,
                        .cells = cells,
                        .row_count = s->child_count,
                        .is_first_page = true};
    f->out->areas = s->child_count ? t : NULL;
}

static enum rc fill_items(struct filling *f, struct cx *cx, size_t max)
{
    struct check_found *found;
    size_t count;
    struct own_result *out = f->out;
    TRY(check_list(&found, &count, &out->more, cx, &f->open->c,
                   &(struct check_find){0, CHECK_ALL, f->query->after, max}));
    struct check_item *items = arena_new(cx->arena, (count + 1) * sizeof *items);
    for (size_t i = 0; i < count; i++) {
        TRY(check_item_fill(&items[i], cx, &f->open->c, 0, &found[i]));
        out->last = found[i].household_id;
    }
    out->items = items;
    out->item_count = count;
    return RC_OK;
}

static void fill_spread(struct own_result *out, struct cx *cx, const struct own_open *o)
{
    struct own_spread s;
    if (out->is_bool || !own_rule_spread(&s, o))
        return;
    out->least = own_rule_show(cx, o->type, s.least);
    out->median = own_rule_show(cx, o->type, s.median);
    out->most = own_rule_show(cx, o->type, s.most);
}

static void fill_troubles(struct own_result *out, struct cx *cx, const struct rule_figures *g)
{
    const char *zero = "", *over = "";
    if (g->zero_divisions)
        zero = arena_printf(cx->arena,
                            _n("%s division by zero: not known. ",
                               "%s divisions by zero: not known. ", g->zero_divisions),
                            format_int(cx, g->zero_divisions));
    if (g->overflows)
        over = arena_printf(cx->arena,
                            _n("%s number is too long: not known.",
                               "%s numbers are too long: not "
                               "known.",
                               g->overflows),
                            format_int(cx, g->overflows));
    if (zero[0] || over[0])
        out->troubles = arena_printf(cx->arena, "%s%s", zero, over);
}

static enum rc fill_open(struct filling *f, struct cx *cx)
{
    struct own_result *out = f->out;
    const struct check_scope *s = &out->where->scope;
    const int32_t *node_of;
    f->child = arena_array(cx->arena, s->child_count + 1, sizeof *f->child);
    if (!f->child)
        return fail(cx, RC_LIMIT, _("There are too many areas here; choose a smaller one."),
                    "nodes=%zu", s->child_count);
    TRY(check_nodes_of(&node_of, cx, &f->open->c, s->children, s->child_count));
    own_rule_tally(f->child, f->open, node_of);
    for (size_t i = 0; i <= s->child_count; i++) {
        f->total.yes += f->child[i].yes;
        f->total.no += f->child[i].no;
        f->total.unknown += f->child[i].unknown;
        f->total.households += f->child[i].households;
    }
    out->yes = format_int(cx, f->total.yes);
    out->no = format_int(cx, f->total.no);
    out->unknown = format_int(cx, f->total.unknown);
    out->households = format_int(cx, f->total.households);
    fill_areas(f, cx);
    fill_spread(out, cx, f->open);
    fill_troubles(out, cx, &f->open->figures);
    out->counted = true;
    return out->is_bool ? fill_items(f, cx, f->base ? LIMIT_PAGE_ROWS_DEFAULT : OWN_ITEMS_TRIED)
                        : RC_OK;
}

enum rc own_where_find(struct check_where *w, struct cx *cx, const struct own_rule *rule,
                       const struct check_query *query)
{
    struct check_place county;
    struct check_query q = *query;
    struct area asked = {.path = ""};
    TRY(check_place_of_county(&county, cx, rule->county));
    if (q.area_id)
        TRY(area_get(&asked, cx, q.area_id));
    if (str_starts(str_of(county.tenant.path), str_of(asked.path)))
        q.area_id = county.tenant.id; /* nothing, or something above it */
    else if (!str_starts(str_of(asked.path), str_of(county.tenant.path)))
        return fail(cx, RC_NOTFOUND, _("There is no such area, or not for you to see."),
                    "area of another county");
    return check_where_find(w, cx, &q);
}

enum rc own_result_fill(struct own_result *out, struct cx *cx, const struct own_rule *rule,
                        const struct rule_program *program, const struct check_query *query,
                        const char *base)
{
    struct rule_type type = rule_root_type(program, 0);
    *out = (struct own_result){.is_bool = type.kind == RULE_BOOL,
                               .of_people = rule->subject == SUBJECT_PERSON,
                               .answers = own_type_text(cx, &type)};
    if (!actor_may(cx, "household.view")) {
        out->why_not = _("Counts are shown to those who may see households.");
        return RC_OK;
    }
    struct check_where *w = arena_new(cx->arena, sizeof *w);
    TRY(own_where_find(w, cx, rule, query));
    out->where = w;
    if (!w->year || !w->scope.place_count) {
        out->why_not = _("The register holds no figures of this year yet.");
        return RC_OK;
    }
    struct own_open open;
    TRY(own_rule_open(&open, cx, rule, program, &w->scope.places[0], w->year));
    struct filling f = {.out = out, .query = query, .base = base, .open = &open};
    enum rc rc = fill_open(&f, cx);
    own_rule_close(&open);
    return rc;
}

/* ---- versions ---- */

static size_t split(struct str **out, struct cx *cx, const char *text)
{
    struct str rest = str_of(text);
    size_t n = 0, room = 1;
    for (const char *p = text; *p; p++)
        room += *p == '\n';
    struct str *lines = arena_new(cx->arena, (room + 1) * sizeof *lines);
    *out = lines;
    while (rest.p && rest.len && n < DIFF_LINES) {
        struct str line = str_cut(&rest, '\n');
        if (line.len && line.p[line.len - 1] == '\r')
            line.len--;
        lines[n++] = line;
    }
    return n;
}

/* Longest common lines of what is left of both, from the end. */
static uint16_t *common(struct cx *cx, const struct str *a, size_t m, const struct str *b,
                        size_t n)
{
    uint16_t *best = arena_new(cx->arena, (m + 1) * (n + 1) * sizeof *best);
    for (size_t i = m; i-- > 0;)
        for (size_t k = n; k-- > 0;) {
            uint16_t down = best[(i + 1) * (n + 1) + k], right = best[i * (n + 1) + k + 1];
            best[i * (n + 1) + k] = str_eq(a[i], b[k])
                                        ? (uint16_t)(best[(i + 1) * (n + 1) + k + 1] + 1)
                                    : down > right ? down
                                                   : right;
        }
    return best;
}

static void diff_text(struct own_diff *out, struct cx *cx, const char *before,
                      const char *after)
{
    struct str *a, *b;
    size_t m = split(&a, cx, before), n = split(&b, cx, after), i = 0, k = 0, count = 0;
    struct own_diff_line *lines = arena_new(cx->arena, (m + n + 1) * sizeof *lines);
    struct str *texts = arena_new(cx->arena, (m + n + 1) * sizeof *texts);
    struct arena_mark mark = arena_mark(cx->arena);
    const uint16_t *best = common(cx, a, m, b, n);
    while (i < m || k < n) {
        bool same = i < m && k < n && str_eq(a[i], b[k]);
        bool drop = !same && i < m &&
                    (k == n || best[(i + 1) * (n + 1) + k] >= best[i * (n + 1) + k + 1]);
        lines[count].kind = same ? ' ' : drop ? '-' : '+';
        texts[count++] = same || drop ? a[i] : b[k];
        i += same || drop;
        k += same || !drop;
    }
    arena_back(cx->arena, mark);
    for (size_t l = 0; l < count; l++)
        lines[l].text = arena_copy(cx->arena, texts[l]);
    out->lines = lines;
    out->count = count;
}

size_t own_diff_fill(const struct own_diff **out, struct cx *cx, const struct own_rule *before,
                     const struct own_rule *after)
{
    const struct {
        const char *label, *a, *b;
    } fields[] = {
        {_("State"), own_state_text(cx, before->state), own_state_text(cx, after->state)},
        {_("Short name"), before->code, after->code},
        {_("About"), own_subject_text(cx, before->subject),
         own_subject_text(cx, after->subject)},
        {_("Kind"), own_kind_text(cx, before), own_kind_text(cx, after)},
        {_("How grave"), severity_text(cx, before->severity),
         severity_text(cx, after->severity)},
        {_("Rule"), before->rule, after->rule},
        {_("What is wrong"), before->message, after->message},
        {_("What to do"), before->hint, after->hint},
        {_("Note"), before->note, after->note},
        {_("Test cases"), before->cases, after->cases},
    };
    enum { FIELDS = sizeof fields / sizeof *fields };
    struct own_diff *diffs = arena_new(cx->arena, FIELDS * sizeof *diffs);
    size_t n = 0;
    for (size_t i = 0; i < FIELDS; i++)
        if (strcmp(fields[i].a, fields[i].b) != 0) {
            diffs[n].label = fields[i].label;
            diff_text(&diffs[n++], cx, fields[i].a, fields[i].b);
        }
    *out = diffs;
    return n;
}

/* ---- names ---- */

static bool name_fits(struct cx *cx, const struct rule_name *n, const char *label,
                      struct str wanted)
{
    return !wanted.len || str_find(n->name, wanted) != SIZE_MAX ||
           str_find(utf8_fold(cx, str_of(label)), wanted) != SIZE_MAX ||
           (n->label && str_find(utf8_fold(cx, str_of(n->label)), wanted) != SIZE_MAX);
}

static const char *name_values(struct cx *cx, const struct rule_name *n)
{
    const struct code_list *list = n->type.list;
    struct buf b;
    if (!list)
        return "";
    buf_init(&b, cx->arena, 4096);
    for (size_t i = 0; i < list->code_count && i < VALUES_MAX; i++)
        buf_printf(&b, "%s'%s'", i ? ", " : "", LABEL(cx, list->codes[i].label));
    if (list->code_count > VALUES_MAX)
        buf_z(&b, ", …");
    return arena_copy(cx->arena, buf_view(&b));
}

static const char *name_level(struct cx *cx, const struct rule_name *n)
{
    if (n->table == RULE_THRESHOLD)
        return _("limit");
    return n->level == RULE_PERSON      ? _("person")
           : n->level == RULE_HOUSEHOLD ? _("household")
                                        : _("area");
}

void own_names_fill(struct own_names_view *out, struct cx *cx, struct str search,
                    enum subject subject, size_t max)
{
    const struct rule_dictionary *d = cx->profile->rules->dictionary;
    struct own_name_view *names = arena_new(cx->arena, (max + 1) * sizeof *names);
    struct str wanted = utf8_fold(cx, str_trim(search));
    int levels[3] = {RULE_HOUSEHOLD, RULE_PERSON, RULE_AREA};
    if (subject == SUBJECT_PERSON) {
        levels[0] = RULE_PERSON;
        levels[1] = RULE_HOUSEHOLD;
    }
    *out = (struct own_names_view){.search = arena_copy(cx->arena, search), .names = names};
    for (int l = 0; l < 3; l++)
        for (size_t i = 0; i < d->count; i++) {
            const struct rule_name *n = &d->names[i];
            const char *label = profile_name_label(cx, cx->profile, n);
            if ((int)n->level != levels[l] || !name_fits(cx, n, label, wanted))
                continue;
            if (out->all++ < max)
                names[out->count++] = (struct own_name_view){
                    arena_copy(cx->arena, n->name), label, name_level(cx, n),
                    own_type_text(cx, &n->type), name_values(cx, n)};
        }
}

/* ---- the household's page ---- */

static enum rc person_label(const char **out, struct cx *cx, int64_t id)
{
    struct person p;
    *out = "";
    if (!id)
        return RC_OK;
    enum rc rc = person_get(&p, cx, id);
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        return RC_OK;
    }
    TRY(rc);
    *out = person_view_of(cx, &p).name;
    return RC_OK;
}

enum rc own_parts_fill(struct own_part **out, size_t *count, struct cx *cx,
                       const struct household *h, int32_t year)
{
    struct own_finding *found;
    size_t n;
    *count = 0;
    TRY(own_rule_household(&found, &n, cx, h->county, h->id, year));
    struct own_part *parts = arena_new(cx->arena, (n + 1) * sizeof *parts);
    for (size_t i = 0; i < n; i++) {
        const struct own_rule *r = found[i].rule;
        parts[i] =
            (struct own_part){.title = own_rule_title(cx, r),
                              .hint = r->hint,
                              .severity = severity_text(cx, r->severity),
                              .tone = severity_tone(r->severity),
                              .href = check_href(cx, own_rule_href(cx, r), h->area_id, year),
                              .facts = found[i].facts,
                              .fact_count = found[i].fact_count};
        TRY(person_label(&parts[i].person, cx, found[i].person_id));
    }
    *out = parts;
    *count = n;
    return RC_OK;
}
