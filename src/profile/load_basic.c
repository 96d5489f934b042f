/* Loads the small tables: keys, levels, units, eras, groups and roles. */
#include "base/limits.h"
#include "base/time.h"
#include "profile/permission.h"
#include "profile/profile_impl.h"

#include <string.h>

/* ---- profile.csv ---- */

enum key {
    KEY_CODE,
    KEY_NAME_EN,
    KEY_NAME_ZH,
    KEY_VERSION,
    KEY_ERA,
    KEY_CURRENCY,
    KEY_DECIMALS,
    KEY_SIGN,
    KEY_ZONE,
    KEY_COUNTRY,
    KEY_YEAR_START,
    KEY_CHECK,
    KEY_IDENTITY_LENGTH,
    KEY_IDENTITY_LONGER,
    KEY_IDENTITY_BIRTH,
    KEY_IDENTITY_SEX,
    KEY_PHONE,
    KEY_NAME_ORDER,
    KEY_NAME_ENDINGS,
    KEY_RELATION_LIST,
    KEY_RELATION_HEAD,
    KEY_SEX_LIST,
    KEY_NAME_REQUIRED,
    KEY_LIST_COLUMNS,
    KEY_COUNT,
};
static const char *const keys[KEY_COUNT] = {
    "code",
    "name_en",
    "name_zh",
    "version",
    "era",
    "currency",
    "currency_decimals",
    "currency_sign",
    "zone_offset_min",
    "country",
    "year_start_month",
    "identity_check",
    "identity_length",
    "identity_longer",
    "identity_birth_at",
    "identity_sex_at",
    "phone_pattern",
    "name_order",
    "name_endings",
    "relation_list",
    "relation_head_code",
    "sex_list",
    "person_name_required",
    "list_columns",
};
enum { KEY_COLUMN, VALUE_COLUMN };
static const char *const key_columns[] = {"key", "value"};

static void bad_key(struct loader *l, enum key k, struct str value, const char *message)
{
    loader_fault(l, "profile.csv", l->key_lines[k], keys[k], value, message);
}

/* The cells by key; kept as texts in the profile's arena until load_references. */
static bool read_keys(struct loader *l, const char *values[KEY_COUNT])
{
    struct cx *cx = l->cx;
    struct table t;
    const struct source_file *f = loader_file(l, "profile.csv");
    if (!f || !table_read(&t, l, f, key_columns, 2))
        return false;
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        int k = row_choice(&r, KEY_COLUMN, keys, KEY_COUNT);
        if (k >= 0 && values[k])
            row_fault(&r, KEY_COLUMN, _("The key stands twice."));
        if (k < 0)
            continue;
        values[k] = row_text(&r, VALUE_COLUMN);
        l->key_lines[k] = row_line(&r);
    }
    bool good = true;
    for (int k = 0; k < KEY_COUNT; k++) {
        if (!values[k] || (!*values[k] && k != KEY_PHONE && k != KEY_IDENTITY_LONGER &&
                           k != KEY_NAME_ENDINGS && k != KEY_SIGN && k != KEY_LIST_COLUMNS)) {
            bad_key(l, (enum key)k, STR(""), _("This key is missing or empty."));
            good = false;
        }
    }
    return good;
}

static int64_t key_int(struct loader *l, const char *const *values, enum key k, int64_t min,
                       int64_t max)
{
    struct cx *cx = l->cx;
    int64_t n;
    if (str_to_i64(&n, str_of(values[k])) && n >= min && n <= max)
        return n;
    bad_key(l, k, str_of(values[k]),
            arena_printf(cx->arena, _("Expected a whole number from %lld to %lld."),
                         (long long)min, (long long)max));
    return min;
}

/* One of two words: true for the first. */
static bool key_word(struct loader *l, const char *const *values, enum key k, const char *yes,
                     const char *no)
{
    struct cx *cx = l->cx;
    if (strcmp(values[k], yes) && strcmp(values[k], no))
        bad_key(l, k, str_of(values[k]),
                arena_printf(cx->arena, _("Expected “%s” or “%s”."), yes, no));
    return !strcmp(values[k], yes);
}

static int32_t phone_length(struct loader *l, const char *const *values)
{
    struct cx *cx = l->cx;
    struct str s = str_of(values[KEY_PHONE]), digits = s;
    int64_t n = 0;
    if (!s.len)
        return 0;
    digits.p += str_starts(s, STR("digits:")) ? 7 : 0;
    digits.len -= (size_t)(digits.p - s.p);
    if (digits.p != s.p && str_to_i64(&n, digits) && n > 0 && n <= 20)
        return (int32_t)n;
    bad_key(l, KEY_PHONE, s, _("Expected digits: and the number of digits, e.g. digits:11."));
    return 0;
}

/* Other lengths of identity numbers: whole numbers by blanks. */
static void check_lengths(struct loader *l, const char *value)
{
    struct cx *cx = l->cx;
    for (struct str rest = str_of(value); rest.p;) {
        struct str one = str_trim(str_cut(&rest, ' '));
        int64_t n;
        if (one.len && (!str_to_i64(&n, one) || n < 1 || n > 40))
            bad_key(l, KEY_IDENTITY_LONGER, one, _("Expected lengths by blanks, e.g. 20 22."));
    }
}

/* The endings of names, separated by "|", longest first where one ends another. */
static void load_endings(struct loader *l, const char *cell)
{
    struct str rest = str_of(cell);
    size_t room = 1;
    for (size_t i = 0; i < rest.len; i++)
        room += rest.p[i] == '|';
    struct str *endings = arena_new(l->arena, room * sizeof *endings);
    size_t count = 0;
    while (rest.p) {
        struct str ending = str_trim(str_cut(&rest, '|'));
        if (ending.len)
            endings[count++] = ending;
    }
    l->p->name_endings = endings;
    l->p->name_ending_count = count;
}

void load_keys(struct loader *l)
{
    const char *v[KEY_COUNT] = {0};
    struct profile *p = l->p;
    if (!read_keys(l, v)) {
        p->currency = p->era = "";
        return;
    }
    p->code = v[KEY_CODE];
    p->name = (struct label){{v[KEY_NAME_EN], v[KEY_NAME_ZH]}};
    p->version = v[KEY_VERSION];
    p->era = v[KEY_ERA];
    p->currency = v[KEY_CURRENCY];
    p->currency_decimals = (unsigned)key_int(l, v, KEY_DECIMALS, 0, 4);
    p->currency_sign = v[KEY_SIGN];
    p->zone_offset_min = (int32_t)key_int(l, v, KEY_ZONE, -720, 840);
    p->country = v[KEY_COUNTRY];
    p->year_start_month = (int32_t)key_int(l, v, KEY_YEAR_START, 1, 12);
    p->identity_check = v[KEY_CHECK];
    (void)key_word(l, v, KEY_CHECK, "mod11_2", "none"); /* only for the mistake it notes */
    p->identity_length = (int32_t)key_int(l, v, KEY_IDENTITY_LENGTH, 0, 40);
    p->identity_longer = v[KEY_IDENTITY_LONGER];
    check_lengths(l, p->identity_longer);
    p->identity_birth_at = (int32_t)key_int(l, v, KEY_IDENTITY_BIRTH, 0, 40);
    p->identity_sex_at = (int32_t)key_int(l, v, KEY_IDENTITY_SEX, 0, 40);
    p->phone_length = phone_length(l, v);
    p->name_order = v[KEY_NAME_ORDER];
    load_endings(l, v[KEY_NAME_ENDINGS]);
    (void)key_word(l, v, KEY_NAME_ORDER, "family_first", "given_first"); /* as above */
    p->person_name_required = key_word(l, v, KEY_NAME_REQUIRED, "yes", "no");
    l->relation_list = v[KEY_RELATION_LIST];
    l->relation_head_code = (int32_t)key_int(l, v, KEY_RELATION_HEAD, 0, INT32_MAX);
    l->sex_list = v[KEY_SEX_LIST];
    l->list_columns = v[KEY_LIST_COLUMNS];
}

static const struct code_list *named_list(struct loader *l, enum key k, const char *name)
{
    struct cx *cx = l->cx;
    const struct code_list *list = profile_list(l->p, str_of(name));
    if (!list)
        bad_key(l, k, str_of(name), _("There is no such list in codes.csv."));
    return list;
}

void load_references(struct loader *l)
{
    struct cx *cx = l->cx;
    struct profile *p = l->p;
    if (!l->list_columns)
        return;
    p->relation_list = named_list(l, KEY_RELATION_LIST, l->relation_list);
    p->relation_head_code = l->relation_head_code;
    p->sex_list = named_list(l, KEY_SEX_LIST, l->sex_list);
    if (p->relation_list && !code_of(p->relation_list, p->relation_head_code))
        bad_key(l, KEY_RELATION_HEAD, STR(""), _("The relation list has no such code."));
    bool era_known = false;
    for (size_t i = 0; i < p->era_count; i++)
        era_known = era_known || !strcmp(p->eras[i].code, p->era);
    if (!era_known)
        bad_key(l, KEY_ERA, str_of(p->era), _("There is no such era in eras.csv."));
    struct str rest = str_of(l->list_columns);
    while (rest.p) {
        struct str name = str_trim(str_cut(&rest, ' '));
        const struct indicator *ind = profile_indicator(p, SUBJECT_HOUSEHOLD, name);
        size_t max = sizeof p->list_columns / sizeof *p->list_columns;
        if (!name.len)
            continue;
        if (!ind || !ind->core || ind->secret)
            bad_key(l, KEY_LIST_COLUMNS, name,
                    _("Expected a household indicator that is core."));
        else if (p->list_column_count == max)
            bad_key(l, KEY_LIST_COLUMNS, name, _("At most 8 columns."));
        else
            p->list_columns[p->list_column_count++] = ind;
    }
}

/* ---- levels.csv ---- */

void load_levels(struct loader *l)
{
    enum { LEVEL, CODE, LABEL_EN, LABEL_ZH, TENANT, LENGTH, COLUMNS };
    static const char *const columns[] = {"level",    "code",   "label_en",
                                          "label_zh", "tenant", "code_length"};
    struct cx *cx = l->cx;
    struct table t;
    const struct source_file *f = loader_file(l, "levels.csv");
    if (!f || !table_read(&t, l, f, columns, COLUMNS))
        return;
    struct level *levels = arena_new(l->arena, (t.row_count + 1) * sizeof *levels);
    int tenants = 0;
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        int64_t number = 0, length = 0;
        (void)row_int(&number, &r, LEVEL, (int64_t)i, (int64_t)i); /* notes the mistake */
        (void)row_int(&length, &r, LENGTH, 0, 40);                 /* notes the mistake */
        levels[i] = (struct level){.number = (int)i,
                                   .code = row_name(&r, CODE),
                                   .label = row_label(&r, LABEL_EN, true),
                                   .tenant = row_yes(&r, TENANT),
                                   .code_length = (int)length};
        for (size_t k = 0; k < i; k++)
            if (!strcmp(levels[k].code, levels[i].code))
                row_fault(&r, CODE, _("This code stands twice."));
        if (levels[i].tenant)
            l->p->tenant_level = (int)i;
        if (levels[i].tenant && tenants++)
            row_fault(&r, TENANT, _("Only one level can be the tenant."));
        if (i == LIMIT_AREA_LEVELS)
            row_fault(&r, LEVEL, _("At most 8 levels."));
    }
    if (!tenants)
        loader_fault(l, "levels.csv", 0, "tenant", STR(""),
                     _("One level must be the tenant (yes)."));
    l->p->levels = levels;
    l->p->level_count = t.row_count;
}

/* ---- units.csv ---- */

void load_units(struct loader *l)
{
    enum { CODE, LABEL_EN, LABEL_ZH, MONEY, COLUMNS };
    static const char *const columns[] = {"code", "label_en", "label_zh", "money"};
    struct cx *cx = l->cx;
    struct table t;
    const struct source_file *f = loader_file(l, "units.csv");
    if (!f || !table_read(&t, l, f, columns, COLUMNS))
        return;
    struct unit *units = arena_new(l->arena, (t.row_count + 1) * sizeof *units);
    struct names seen;
    names_init(&seen, l->temp, t.row_count);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        units[i] = (struct unit){row_name(&r, CODE), row_label(&r, LABEL_EN, true),
                                 row_yes(&r, MONEY)};
        if (names_put(&seen, row_cell(&r, CODE), (int32_t)i) >= 0)
            row_fault(&r, CODE, _("This code stands twice."));
    }
    l->units = units;
    l->unit_count = t.row_count;
}

const struct unit *row_unit(const struct row *r, int column)
{
    struct str name = row_cell(r, column);
    const struct loader *l = r->l;
    for (size_t i = 0; i < l->unit_count; i++)
        if (str_eq_z(name, l->units[i].code))
            return &l->units[i];
    struct arena_mark mark = arena_mark(l->temp);
    const char **known = arena_new(l->temp, (l->unit_count + 1) * sizeof *known);
    for (size_t i = 0; i < l->unit_count; i++)
        known[i] = l->units[i].code;
    row_unknown(r, column, known, l->unit_count);
    arena_back(l->temp, mark);
    return NULL;
}

/* ---- eras.csv ---- */

void load_eras(struct loader *l)
{
    enum { CODE, FROM, LABEL_EN, LABEL_ZH, COLUMNS };
    static const char *const columns[] = {"code", "from", "label_en", "label_zh"};
    struct cx *cx = l->cx;
    struct table t;
    const struct source_file *f = loader_file(l, "eras.csv");
    if (!f || !table_read(&t, l, f, columns, COLUMNS))
        return;
    struct era *eras = arena_new(l->arena, (t.row_count + 1) * sizeof *eras);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        eras[i] =
            (struct era){.code = row_needed(&r, CODE), .label = row_label(&r, LABEL_EN, true)};
        if (strchr(eras[i].code, ' '))
            row_fault(&r, CODE, _("A code has no blanks."));
        if (!day_parse(&eras[i].from_day, row_cell(&r, FROM)))
            row_fault(&r, FROM, _("Expected a day, e.g. 2026-01-01."));
        else if (i && eras[i].from_day <= eras[i - 1].from_day)
            row_fault(&r, FROM, _("Each era begins after the one above it."));
        for (size_t k = 0; k < i && k < 100; k++)
            if (!strcmp(eras[k].code, eras[i].code))
                row_fault(&r, CODE, _("This code stands twice."));
    }
    l->p->eras = eras;
    l->p->era_count = t.row_count;
}

/* ---- groups.csv ---- */

static const char *const subjects[SUBJECT_COUNT] = {"household", "person", "area"};

const char *subject_name(enum subject subject)
{
    return subjects[subject];
}

void load_groups(struct loader *l)
{
    enum { CODE, SUBJECT, LABEL_EN, LABEL_ZH, ORDER, COLUMNS };
    static const char *const columns[] = {"code", "subject", "label_en", "label_zh", "order"};
    struct cx *cx = l->cx;
    struct table t;
    const struct source_file *f = loader_file(l, "groups.csv");
    if (!f || !table_read(&t, l, f, columns, COLUMNS))
        return;
    struct indicator_group *groups = arena_new(l->arena, (t.row_count + 1) * sizeof *groups);
    struct names seen;
    names_init(&seen, l->temp, t.row_count);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        int64_t order = (int64_t)i;
        int subject = row_choice(&r, SUBJECT, subjects, SUBJECT_COUNT);
        (void)row_int(&order, &r, ORDER, 0, 1000000); /* notes the mistake */
        groups[i] = (struct indicator_group){
            row_name(&r, CODE), subject < 0 ? SUBJECT_HOUSEHOLD : (enum subject)subject,
            row_label(&r, LABEL_EN, true), (int32_t)order};
        if (names_put(&seen, row_cell(&r, CODE), (int32_t)i) >= 0)
            row_fault(&r, CODE, _("This code stands twice."));
    }
    l->p->groups = groups;
    l->p->group_count = t.row_count;
}

int row_subject(const struct row *r, int column)
{
    return row_choice(r, column, subjects, SUBJECT_COUNT);
}

/* ---- roles.csv ---- */

enum { PERMISSION_MAX = 64 };

static const char *nearest_permission(struct str name)
{
    const char *codes[PERMISSION_MAX];
    size_t count = 0;
    while (count < PERMISSION_MAX && permissions[count].code) {
        codes[count] = permissions[count].code;
        count++;
    }
    return spelling_nearest(name, codes, count);
}

/* The permissions of one cell, by blanks. */
static const char *const *role_permissions(const struct row *r, int column)
{
    struct loader *l = r->l;
    struct cx *cx = l->cx;
    const char **out = arena_new(l->arena, (PERMISSION_MAX + 1) * sizeof *out);
    size_t count = 0;
    for (struct str rest = row_cell(r, column); rest.p;) {
        struct str name = str_trim(str_cut(&rest, ' '));
        const struct permission *permission = permission_find(name);
        const char *known = permission ? permission->code : NULL;
        const char *near = known ? NULL : nearest_permission(name);
        bool twice = false;
        for (size_t i = 0; i < count; i++)
            twice = twice || out[i] == known;
        if (name.len && !known)
            loader_fault(l, r->t->file, row_line(r), r->t->columns[column], name,
                         near ? arena_printf(cx->arena,
                                             _("Unknown permission. Did you mean “%s”?"), near)
                              : _("Unknown permission."));
        if (known && !twice)
            out[count++] = known;
    }
    if (!count)
        row_fault(r, column, _("A role needs at least one permission."));
    return out;
}

void load_roles(struct loader *l)
{
    enum { CODE, LABEL_EN, LABEL_ZH, LEVEL, PERMISSIONS, COLUMNS };
    static const char *const columns[] = {"code", "label_en", "label_zh", "level",
                                          "permissions"};
    struct cx *cx = l->cx;
    struct table t;
    const struct source_file *f = loader_file(l, "roles.csv");
    if (!f || !table_read(&t, l, f, columns, COLUMNS))
        return;
    struct role *roles = arena_new(l->arena, (t.row_count + 1) * sizeof *roles);
    names_init(&l->p->own->roles, l->arena, t.row_count);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        roles[i] = (struct role){.code = row_name(&r, CODE),
                                 .label = row_label(&r, LABEL_EN, true),
                                 .level = row_text(&r, LEVEL),
                                 .permissions = role_permissions(&r, PERMISSIONS)};
        if (*roles[i].level && row_level(&r, LEVEL, row_cell(&r, LEVEL)) < 0)
            roles[i].level = "";
        if (names_put(&l->p->own->roles, str_of(roles[i].code), (int32_t)i) >= 0)
            row_fault(&r, CODE, _("This code stands twice."));
    }
    l->p->roles = roles;
    l->p->role_count = t.row_count;
}

int row_level(const struct row *r, int column, struct str name)
{
    const struct profile *p = r->l->p;
    for (size_t i = 0; i < p->level_count; i++)
        if (str_eq_z(name, p->levels[i].code))
            return (int)i;
    const char *known[LIMIT_AREA_LEVELS] = {0};
    for (size_t i = 0; i < p->level_count && i < LIMIT_AREA_LEVELS; i++)
        known[i] = p->levels[i].code;
    row_unknown_part(r, column, name, known, LIMIT_AREA_LEVELS);
    return -1;
}
