/* Loads mappings and reads and writes cells by them. */
#include "profile/mapping.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/money.h"
#include "profile/profile_impl.h"

#include <string.h>

enum { TARGET, HEADER, ALIASES, REQUIRED, VALUES, DECIMALS, NOTE, COLUMNS };
static const char *const columns[] = {"target", "header",   "aliases", "required",
                                      "values", "decimals", "note"};

/* Targets without a part that names something. */
static const struct {
    const char *name;
    enum target_kind kind;
} plain_targets[] = {
    {"ignore", TARGET_IGNORE},
    {"household.code", TARGET_HOUSEHOLD_CODE},
    {"household.size", TARGET_HOUSEHOLD_SIZE},
    {"person.code", TARGET_PERSON_CODE},
    {"person.name", TARGET_PERSON_NAME},
    {"person.sex", TARGET_PERSON_SEX},
    {"person.birth", TARGET_PERSON_BIRTH},
    {"person.identity", TARGET_PERSON_IDENTITY},
    {"person.phone", TARGET_PERSON_PHONE},
    {"person.account", TARGET_PERSON_ACCOUNT},
    {"person.relation", TARGET_PERSON_RELATION},
};
enum { PLAIN_COUNT = sizeof plain_targets / sizeof *plain_targets };

static const char *const settings[] = {"@name", "@label_en",           "@label_zh", "@subject",
                                       "@year", "@header_search_rows", "@match",    "@missing"};
enum setting {
    SET_NAME,
    SET_LABEL_EN,
    SET_LABEL_ZH,
    SET_SUBJECT,
    SET_YEAR,
    SET_SEARCH,
    SET_MATCH,
    SET_MISSING,
    SET_COUNT
};

/* ---- targets ---- */

static void unknown_target(const struct row *r, struct str cell)
{
    const char *known[PLAIN_COUNT];
    const struct profile *p = r->l->p;
    struct cx *cx = r->l->cx;
    for (size_t i = 0; i < PLAIN_COUNT; i++)
        known[i] = plain_targets[i].name;
    const char *near = spelling_nearest(cell, known, PLAIN_COUNT);
    struct str name = cell;
    struct str prefix = str_cut(&name, ':');
    size_t count = 0;
    struct arena_mark mark = arena_mark(r->l->temp);
    const char **codes =
        arena_new(r->l->temp, (p->indicator_count + p->income_count + 1) * sizeof *codes);
    for (size_t i = 0; name.p && i < p->indicator_count; i++)
        if (str_eq_z(prefix, subject_name(p->indicators[i].subject)))
            codes[count++] = p->indicators[i].code;
    for (size_t i = 0; name.p && i < p->income_count; i++)
        if (str_eq_z(prefix, "income"))
            codes[count++] = p->incomes[i].code;
    const char *code = name.p ? spelling_nearest(name, codes, count) : NULL;
    if (code)
        near = arena_printf(cx->arena, "%.*s:%s", STR_ARG(prefix), code);
    arena_back(r->l->temp, mark);
    row_fault(r, TARGET,
              near ? arena_printf(cx->arena, _("Unknown target. Did you mean “%s”?"), near)
                   : _("Unknown target."));
}

/* area.LEVEL and area.LEVEL.code; `rest` stands behind "area.". */
static bool area_target(struct mapping_column *c, const struct row *r, struct str rest)
{
    c->kind = TARGET_AREA;
    if (str_ends(rest, STR(".code"))) {
        c->kind = TARGET_AREA_CODE;
        rest.len -= 5;
    }
    c->level = row_level(r, TARGET, rest);
    return c->level >= 0;
}

static bool load_target(struct mapping_column *c, const struct row *r, enum subject subject)
{
    const struct profile *p = r->l->p;
    struct str cell = row_cell(r, TARGET), rest = cell;
    c->target = row_text(r, TARGET);
    for (size_t i = 0; i < PLAIN_COUNT; i++)
        if (str_eq_z(cell, plain_targets[i].name)) {
            c->kind = plain_targets[i].kind;
            return true;
        }
    if (str_starts(cell, STR("area.")))
        return area_target(c, r, (struct str){cell.p + 5, cell.len - 5});
    struct str prefix = str_cut(&rest, ':');
    if (rest.p && str_eq_z(prefix, "income")) {
        c->kind = TARGET_INCOME;
        c->income = profile_income_code(p, rest);
    } else if (rest.p && (str_eq_z(prefix, "household") || str_eq_z(prefix, "person"))) {
        c->kind = TARGET_INDICATOR;
        c->indicator = profile_indicator(
            p, str_eq_z(prefix, "person") ? SUBJECT_PERSON : SUBJECT_HOUSEHOLD, rest);
    }
    struct cx *cx = r->l->cx;
    if (!c->income && !c->indicator) {
        unknown_target(r, cell);
        return false;
    }
    if (c->indicator && c->indicator->subject == SUBJECT_PERSON && subject != SUBJECT_PERSON)
        row_fault(r, TARGET, _("A row is a household here; it has no person's columns."));
    return true;
}

/* ---- headers ---- */

static void add_part(struct mapping_part *parts, size_t *count, enum part_kind kind,
                     struct str text)
{
    if (text.len || kind == PART_ROW)
        parts[(*count)++] = (struct mapping_part){kind, text};
}

static void load_header(struct mapping_column *c, const struct row *r)
{
    struct cx *cx = r->l->cx;
    struct str h = str_of(row_needed(r, HEADER));
    size_t braces = 0;
    for (size_t i = 0; i < h.len; i++)
        braces += h.p[i] == '{';
    struct mapping_part *parts = arena_new(r->l->arena, (2 * braces + 1) * sizeof *parts);
    c->header = h.p;
    c->parts = parts;
    c->title = !braces && !str_starts(h, STR("="));
    if (str_starts(h, STR("="))) {
        add_part(parts, &c->part_count, PART_TEXT, (struct str){h.p + 1, h.len - 1});
        return;
    }
    if (!braces) {
        add_part(parts, &c->part_count, PART_COLUMN, h);
        return;
    }
    for (struct str rest = h; rest.p;) {
        struct str text = str_cut(&rest, '{');
        add_part(parts, &c->part_count, PART_TEXT, text);
        if (!rest.p)
            break;
        struct str name = str_cut(&rest, '}');
        if (!rest.p || !name.len) {
            row_fault(r, HEADER, _("A { needs a column's title or # and a } behind it."));
            return;
        }
        add_part(parts, &c->part_count, str_eq_z(name, "#") ? PART_ROW : PART_COLUMN, name);
    }
}

static const char *const *load_aliases(const struct row *r)
{
    struct str cell = row_cell(r, ALIASES);
    size_t count = 2;
    for (size_t i = 0; i < cell.len; i++)
        count += cell.p[i] == '|';
    const char **out = arena_new(r->l->arena, count * sizeof *out);
    count = 0;
    while (cell.p) {
        struct str alias = str_trim(str_cut(&cell, '|'));
        if (alias.len)
            out[count++] = arena_copy(r->l->arena, alias);
    }
    return out;
}

/* The list whose codes `values` may name; NULL: any number. */
static const struct code_list *list_of(const struct profile *p, const struct mapping_column *c)
{
    if (c->kind == TARGET_PERSON_SEX)
        return p->sex_list;
    if (c->kind == TARGET_PERSON_RELATION)
        return p->relation_list;
    return c->kind == TARGET_INDICATOR ? c->indicator->list : NULL;
}

static void load_values(struct mapping_column *c, const struct row *r)
{
    struct cx *cx = r->l->cx;
    struct str cell = row_cell(r, VALUES);
    const struct code_list *list = list_of(r->l->p, c);
    size_t count = 1;
    if (!cell.len)
        return;
    for (size_t i = 0; i < cell.len; i++)
        count += cell.p[i] == '|';
    struct mapping_value *values = arena_new(r->l->arena, count * sizeof *values);
    c->values = values;
    while (cell.p) {
        struct str number = str_cut(&cell, '|');
        struct str text = str_trim(str_cut(&number, '='));
        int64_t code;
        if (!number.p || !text.len || !str_to_i64(&code, str_trim(number))) {
            row_fault(r, VALUES, _("Expected pairs text=number, separated by |."));
            return;
        }
        if (list && !code_of(list, code))
            row_fault(r, VALUES,
                      arena_printf(cx->arena, _("List %s has no code %lld."), list->name,
                                   (long long)code));
        values[c->value_count++] = (struct mapping_value){arena_str(r->l->arena, text), code};
    }
}

static bool load_column(struct mapping_column *c, const struct row *r, enum subject subject)
{
    int64_t decimals = 0;
    if (!load_target(c, r, subject))
        return false;
    load_header(c, r);
    c->aliases = load_aliases(r);
    c->required = row_yes(r, REQUIRED);
    load_values(c, r);
    c->decimals = r->l->p->currency_decimals;
    if (row_cell(r, DECIMALS).len && row_int(&decimals, r, DECIMALS, 0, 9))
        c->decimals = (unsigned)decimals;
    return true;
}

/* ---- settings ---- */

static void load_year(struct mapping *m, const struct row *r)
{
    struct cx *cx = r->l->cx;
    struct str cell = row_cell(r, HEADER);
    int64_t year;
    m->year_header = "";
    if (str_eq_z(cell, "ask"))
        m->year_kind = YEAR_ASK;
    else if (str_to_i64(&year, cell)) {
        m->year_kind = YEAR_FIXED;
        m->year = (int32_t)year;
        if (year < 1900 || year > 2200)
            row_fault(r, HEADER, _("Expected a year, ask, or a column's title."));
    } else {
        m->year_kind = YEAR_COLUMN;
        m->year_header = row_needed(r, HEADER);
    }
}

static void load_setting(struct mapping *m, const struct row *r, enum setting s)
{
    static const char *const subjects[] = {"household", "person"};
    static const char *const matches[] = {"code", "identity"};
    int64_t rows = 10;
    switch (s) {
    case SET_NAME:
        m->name = row_needed(r, HEADER);
        break;
    case SET_LABEL_EN:
        m->label.in[LANG_EN] = row_needed(r, HEADER);
        break;
    case SET_LABEL_ZH:
        m->label.in[LANG_ZH] = row_needed(r, HEADER);
        break;
    case SET_SUBJECT:
        m->subject =
            row_choice(r, HEADER, subjects, 2) == 0 ? SUBJECT_HOUSEHOLD : SUBJECT_PERSON;
        break;
    case SET_YEAR:
        load_year(m, r);
        break;
    case SET_SEARCH:
        (void)row_int(&rows, r, HEADER, 0, 100); /* notes the mistake */
        m->header_search_rows = (int)rows;
        break;
    case SET_MATCH:
        m->match_identity = row_choice(r, HEADER, matches, 2) == 1;
        break;
    case SET_MISSING:
        m->missing = row_text(r, HEADER);
        break;
    case SET_COUNT:
        break;
    }
}

/* Settings first: what a target may be depends on the subject. */
static void load_settings(struct mapping *m, struct loader *l, const struct table *t)
{
    struct cx *cx = l->cx;
    bool seen[SET_COUNT] = {false};
    m->missing = "";
    m->header_search_rows = 10;
    for (size_t i = 0; i < t->row_count; i++) {
        struct row r = {l, t, i};
        if (!str_starts(row_cell(&r, TARGET), STR("@")))
            continue;
        int s = row_choice(&r, TARGET, settings, SET_COUNT);
        if (s < 0)
            continue;
        if (seen[s])
            row_fault(&r, TARGET, _("This setting stands twice."));
        seen[s] = true;
        load_setting(m, &r, (enum setting)s);
    }
    for (int s = SET_LABEL_EN; s <= SET_YEAR; s++)
        if (!seen[s])
            loader_fault(l, t->file, 0, settings[s], STR(""), _("This setting is missing."));
}

static bool target_twice(const struct mapping *m, const struct mapping_column *c)
{
    for (size_t i = 0; i < m->column_count; i++)
        if (&m->columns[i] != c && c->kind != TARGET_IGNORE &&
            !strcmp(m->columns[i].target, c->target))
            return true;
    return false;
}

struct mapping *load_mapping(struct loader *l, const struct source_file *file)
{
    struct cx *cx = l->cx;
    struct table t;
    size_t before = l->faults->count;
    if (!table_read(&t, l, file, columns, COLUMNS))
        return NULL;
    struct mapping *m = arena_new(l->arena, sizeof *m);
    size_t max = t.row_count < LIMIT_IMPORT_COLUMNS ? t.row_count : LIMIT_IMPORT_COLUMNS;
    struct mapping_column *c = arena_new(l->arena, (max + 1) * sizeof *c);
    struct str stem = str_of(file->name);
    const char *slash = strrchr(file->name, '/');
    if (slash)
        stem = str_of(slash + 1);
    stem.len -= str_ends(stem, STR(".csv")) ? 4 : 0;
    m->name = arena_copy(l->arena, stem);
    m->columns = c;
    load_settings(m, l, &t);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        if (str_starts(row_cell(&r, TARGET), STR("@")))
            continue;
        if (m->column_count == max) {
            row_fault(&r, TARGET, _("A mapping has at most 2,000 columns."));
            break;
        }
        if (!load_column(&c[m->column_count], &r, m->subject))
            continue;
        m->column_count++;
        if (target_twice(m, &c[m->column_count - 1]))
            row_fault(&r, TARGET, _("This target stands twice."));
    }
    return l->faults->count == before ? m : NULL;
}

void load_mappings(struct loader *l)
{
    const struct mapping **all = arena_new(l->arena, (l->file_count + 1) * sizeof *all);
    for (size_t i = 0; i < l->file_count; i++) {
        if (!str_starts(str_of(l->files[i].name), STR("mapping/")))
            continue;
        struct mapping *m = load_mapping(l, &l->files[i]);
        if (m)
            all[l->p->mapping_count++] = m;
        arena_reset(l->temp);
    }
    l->p->mappings = all;
}

enum rc mapping_load(struct mapping **out, struct profile_faults *faults, struct cx *cx,
                     const char *path)
{
    struct source_file file = {.name = path};
    *faults = (struct profile_faults){0};
    TRY(file_read(&file.bytes, cx, path, PROFILE_BYTES_MAX));
    /* The loader only reads the profile here. */
    struct profile p = *cx->profile;
    const char **names = arena_new(cx->arena, (p.list_count + 1) * sizeof *names);
    for (size_t i = 0; i < p.list_count; i++)
        names[i] = p.lists[i].name;
    struct loader l = {.cx = cx,
                       .p = &p,
                       .arena = cx->arena,
                       .temp = arena_open(PROFILE_ARENA),
                       .faults = faults,
                       .list_names = names};
    struct mapping *m = load_mapping(&l, &file);
    arena_free(l.temp);
    if (!m)
        return RC_INVALID;
    *out = m;
    return RC_OK;
}

/* ---- using a mapping ---- */

bool mapping_text_is(struct str wanted, struct str title)
{
    char a[SPELLING_BYTES], b[SPELLING_BYTES];
    size_t a_len, b_len;
    if (str_eq(wanted, title))
        return true;
    return spelling_key(a, &a_len, wanted) && spelling_key(b, &b_len, title) &&
           a_len == b_len && a_len > 0 && !memcmp(a, b, a_len);
}

bool mapping_title_is(const struct mapping_column *c, struct str title)
{
    if (!c->title)
        return false;
    if (mapping_text_is(str_of(c->header), title))
        return true;
    for (const char *const *a = c->aliases; *a; a++)
        if (mapping_text_is(str_of(*a), title))
            return true;
    return false;
}

static enum rc parse_list(struct value *out, const char **expected, struct cx *cx,
                          const struct code_list *list, struct str s)
{
    struct indicator as = {.type = TYPE_CODE, .list = list};
    return value_parse(out, expected, cx, &as, s, false);
}

static enum rc parse_income(struct value *out, const char **expected, struct cx *cx,
                            unsigned decimals, struct str s)
{
    struct indicator as = {.type = TYPE_MONEY, .decimals = decimals};
    unsigned kept = cx->profile->currency_decimals;
    TRY(value_parse(out, expected, cx, &as, s, false));
    int64_t divisor = 1;
    for (unsigned d = decimals; d > kept; d--)
        divisor *= 10;
    if (!money_div_half_up(&out->i, out->i, divisor))
        return RC_INVALID;
    for (unsigned d = decimals; d < kept; d++)
        if (!money_mul(&out->i, out->i, 10))
            return RC_INVALID;
    return RC_OK;
}

/* Seven parameters: one call for every cell of an import, two of them results. */
// NOLINTNEXTLINE(readability-function-size)
enum rc mapping_cell(struct value *out, const char **expected, struct cx *cx,
                     const struct mapping *m, const struct mapping_column *c, struct str cell,
                     bool excel_days)
{
    struct str s = str_trim(cell);
    *out = value_missing();
    if (!s.len || (*m->missing && str_eq_z(s, m->missing)))
        return RC_OK;
    for (size_t i = 0; i < c->value_count; i++)
        if (str_eq(s, c->values[i].text)) {
            *out = value_int(c->values[i].code);
            if (c->kind == TARGET_INDICATOR && c->indicator->type == TYPE_CODES)
                out->i = (int64_t)(1ULL << c->values[i].code);
            return RC_OK;
        }
    const struct profile *p = cx->profile;
    if (c->kind == TARGET_INDICATOR)
        return value_parse(out, expected, cx, c->indicator, s, excel_days);
    if (c->kind == TARGET_INCOME)
        return parse_income(out, expected, cx, c->decimals, s);
    if (c->kind == TARGET_PERSON_SEX)
        return parse_list(out, expected, cx, p->sex_list, s);
    if (c->kind == TARGET_PERSON_RELATION)
        return parse_list(out, expected, cx, p->relation_list, s);
    *out = value_text(s);
    return RC_OK;
}

const char *mapping_plain(struct cx *cx, const struct mapping *m,
                          const struct mapping_column *c, struct value v)
{
    if (v.kind == VALUE_MISSING)
        return m->missing;
    for (size_t i = 0; i < c->value_count && v.kind == VALUE_INT; i++) {
        bool bit = c->kind == TARGET_INDICATOR && c->indicator->type == TYPE_CODES;
        if (v.i == (bit ? (int64_t)(1ULL << c->values[i].code) : c->values[i].code))
            return arena_copy(cx->arena, c->values[i].text);
    }
    if (c->kind == TARGET_INDICATOR)
        return value_plain(cx, c->indicator, v);
    struct indicator as = {.type = c->kind == TARGET_INCOME ? TYPE_MONEY : TYPE_TEXT,
                           .decimals = cx->profile->currency_decimals};
    return value_plain(cx, &as, v);
}
