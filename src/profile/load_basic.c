/* Loads the small tables: levels, units, eras, groups and roles. */
#include "base/limits.h"
#include "base/time.h"
#include "profile/permission.h"
#include "profile/profile_impl.h"

#include <string.h>

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
