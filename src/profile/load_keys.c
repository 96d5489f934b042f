/* Loads profile.csv: the settings, and those of them that name things of other tables. */
#include "profile/profile_impl.h"
#include "profile/rules.h"

#include <string.h>

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
    KEY_WELFARE, /* from here on a key may be missing */
    KEY_LINES,
    KEY_GROUPS,
    KEY_CAUSES,
    KEY_EARNED,
    KEY_TRANSFERRED,
    KEY_LONGITUDE,
    KEY_LATITUDE,
    KEY_CAPABILITY, /* derived rules: read by load_capability, when they are known */
    KEY_SUPPORT,
    KEY_WAGE,
    KEY_REST_DAYS, /* these three: load_calendar.c */
    KEY_QUIET_HOURS,
    KEY_SUMMARY_AT,
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
    "welfare",
    "poverty_lines",
    "poverty_groups",
    "cause_columns",
    "earned_incomes",
    "transferred_incomes",
    "longitude",
    "latitude",
    "capability",
    "support_rule",
    "wage_income",
    "rest_days",
    "quiet_hours",
    "summary_at",
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
    for (int k = KEY_WELFARE; k < KEY_COUNT; k++)
        l->poverty[k - KEY_WELFARE] = values[k] ? values[k] : "";
    for (int k = 0; k < KEY_WELFARE; k++) {
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

struct str loader_key(const struct loader *l, const char *key)
{
    for (int k = KEY_WELFARE; k < KEY_COUNT; k++)
        if (!strcmp(keys[k], key) && l->poverty[k - KEY_WELFARE])
            return str_of(l->poverty[k - KEY_WELFARE]);
    return STR("");
}

void loader_key_fault(struct loader *l, const char *key, struct str value, const char *message)
{
    for (int k = 0; k < KEY_COUNT; k++)
        if (!strcmp(keys[k], key))
            bad_key(l, (enum key)k, value, message);
}

static const struct code_list *named_list(struct loader *l, enum key k, const char *name)
{
    struct cx *cx = l->cx;
    const struct code_list *list = profile_list(l->p, str_of(name));
    if (!list)
        bad_key(l, k, str_of(name), _("There is no such list in codes.csv."));
    return list;
}

/* ---- keys that hold several names by blanks ---- */

/* The next name of *rest; false: no more. */
static bool next_name(struct str *name, struct str *rest)
{
    while (rest->p) {
        *name = str_trim(str_cut(rest, ' '));
        if (name->len)
            return true;
    }
    return false;
}

static void load_household_columns(struct loader *l)
{
    struct cx *cx = l->cx;
    struct profile *p = l->p;
    struct str rest = str_of(l->list_columns), name;
    while (next_name(&name, &rest)) {
        const struct indicator *ind = profile_indicator(p, SUBJECT_HOUSEHOLD, name);
        size_t max = sizeof p->list_columns / sizeof *p->list_columns;
        if (!ind || !ind->core || ind->secret)
            bad_key(l, KEY_LIST_COLUMNS, name,
                    _("Expected a household indicator that is core."));
        else if (p->list_column_count == max)
            bad_key(l, KEY_LIST_COLUMNS, name, _("At most 8 columns."));
        else
            p->list_columns[p->list_column_count++] = ind;
    }
}

static void too_many(struct loader *l, enum key k, struct str name, size_t max)
{
    struct cx *cx = l->cx;
    bad_key(l, k, name, arena_printf(cx->arena, _("At most %zu names."), max));
}

static bool is_money_per_head(const struct indicator *ind)
{
    return ind->type == TYPE_MONEY;
}

static bool is_group(const struct indicator *ind)
{
    return ind->type == TYPE_CODE || ind->type == TYPE_BOOL;
}

static bool is_cause(const struct indicator *ind)
{
    return ind->type == TYPE_CODE || ind->type == TYPE_CODES;
}

static bool is_degrees(const struct indicator *ind)
{
    return ind->type == TYPE_DECIMAL;
}

/* Household indicators of one key; *count of them, at most `max`. */
struct wanted {
    enum key key;
    size_t max;
    bool (*fits)(const struct indicator *ind);
    const char *expected;
};

static size_t load_indicator_key(const struct indicator **out, struct loader *l,
                                 const struct wanted *w)
{
    struct cx *cx = l->cx;
    struct str rest = str_of(l->poverty[w->key - KEY_WELFARE]), name;
    size_t n = 0;
    while (next_name(&name, &rest)) {
        const struct indicator *ind = profile_indicator(l->p, SUBJECT_HOUSEHOLD, name);
        if (!ind || !w->fits(ind))
            bad_key(l, w->key, name, _(w->expected));
        else if (n == w->max)
            too_many(l, w->key, name, w->max);
        else
            out[n++] = ind;
    }
    return n;
}

static size_t load_income_key(const struct income_kind **out, struct loader *l, enum key k,
                              size_t max)
{
    struct cx *cx = l->cx;
    struct str rest = str_of(l->poverty[k - KEY_WELFARE]), name;
    size_t n = 0;
    while (next_name(&name, &rest)) {
        const struct income_kind *kind = profile_income_code(l->p, name);
        if (!kind)
            bad_key(l, k, name, _("There is no such kind of income in incomes.csv."));
        else if (n == max)
            too_many(l, k, name, max);
        else
            out[n++] = kind;
    }
    return n;
}

static void load_lines(struct loader *l)
{
    struct cx *cx = l->cx;
    struct profile *p = l->p;
    struct str rest = str_of(l->poverty[KEY_LINES - KEY_WELFARE]), name;
    size_t max = sizeof p->poverty_lines / sizeof *p->poverty_lines;
    while (next_name(&name, &rest)) {
        const struct threshold *t = NULL;
        for (size_t i = 0; i < p->threshold_count && !t; i++)
            if (str_eq_z(name, p->thresholds[i].code))
                t = &p->thresholds[i];
        if (!t || !t->money)
            bad_key(l, KEY_LINES, name,
                    _("Expected an amount of money that stands in thresholds.csv."));
        else if (p->poverty_line_count == max)
            too_many(l, KEY_LINES, name, max);
        else
            p->poverty_lines[p->poverty_line_count++] = t->code;
    }
}

static void load_poverty(struct loader *l)
{
    struct profile *p = l->p;
    static const struct wanted welfare = {KEY_WELFARE, 4, is_money_per_head,
                                          N_("Expected a household indicator of type money.")};
    static const struct wanted groups = {
        KEY_GROUPS, 12, is_group, N_("Expected a household indicator of type code or bool.")};
    static const struct wanted causes = {
        KEY_CAUSES, 8, is_cause, N_("Expected a household indicator of type code or codes.")};
    static const struct wanted east = {KEY_LONGITUDE, 1, is_degrees,
                                       N_("Expected a household indicator of type decimal.")};
    static const struct wanted north = {KEY_LATITUDE, 1, is_degrees,
                                        N_("Expected a household indicator of type decimal.")};
    p->welfare_count = load_indicator_key(p->welfare, l, &welfare);
    p->poverty_group_count = load_indicator_key(p->poverty_groups, l, &groups);
    p->cause_column_count = load_indicator_key(p->cause_columns, l, &causes);
    p->earned_income_count = load_income_key(p->earned_incomes, l, KEY_EARNED, 8);
    p->transferred_income_count =
        load_income_key(p->transferred_incomes, l, KEY_TRANSFERRED, 8);
    (void)load_income_key(&p->wage_income, l, KEY_WAGE, 1); /* one or none */
    (void)load_indicator_key(&p->longitude, l, &east);      /* one or none */
    (void)load_indicator_key(&p->latitude, l, &north);      /* one or none */
    load_lines(l);
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
    load_household_columns(l);
    load_poverty(l);
}

/* The derived household rule of that code; `condition`: it must be one. */
static const struct derived *derived_of(struct loader *l, enum key k, struct str name,
                                        bool condition)
{
    struct cx *cx = l->cx;
    const struct profile_rules *r = l->p->rules;
    for (size_t i = 0; i < r->derived_count; i++) {
        const struct derived *d = &r->derived[i];
        enum rule_kind kind = rule_root_type(r->derived_program, i).kind;
        if (str_eq_z(name, d->code) && d->subject == SUBJECT_HOUSEHOLD &&
            (condition ? kind == RULE_BOOL : kind == RULE_BOOL || kind == RULE_NUMBER))
            return d;
    }
    bad_key(l, k, name,
            _("Expected a rule of a household in derived.csv: a number or a condition."));
    return NULL;
}

void load_capability(struct loader *l)
{
    struct profile *p = l->p;
    struct str rest = str_of(l->poverty[KEY_CAPABILITY - KEY_WELFARE]), name;
    size_t max = sizeof p->capability / sizeof *p->capability;
    while (next_name(&name, &rest)) {
        const struct derived *d = derived_of(l, KEY_CAPABILITY, name, false);
        if (d && p->capability_count == max)
            too_many(l, KEY_CAPABILITY, name, max);
        else if (d)
            p->capability[p->capability_count++] = d->code;
    }
    rest = str_of(l->poverty[KEY_SUPPORT - KEY_WELFARE]);
    while (next_name(&name, &rest)) {
        const struct derived *d = derived_of(l, KEY_SUPPORT, name, true);
        p->support_rule = d ? d->code : NULL;
    }
}
