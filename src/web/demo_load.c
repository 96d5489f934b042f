/* A demo database: the made-up county's areas, its mark, accounts, and its files taken in
 * through the same door as any county's. */
#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "db/db.h"
#include "people/user.h"
#include "register/area.h"
#include "register/import.h"
#include "register/office.h"
#include "store/store.h"
#include "web/demo.h"
#include "web/demo_lists.h"
#include "web/demo_office.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { LISTS_SEED = 17 };

const char demo_password[] = "fumin-demo-2026";
static const struct date founded = {2000, 1, 1};

/* ---- areas ---- */

/* What the closures fill in. */
struct areas {
    const struct demo_county *c;
    int64_t county_area, county;
    int64_t townships[DEMO_TOWNSHIPS], villages[DEMO_VILLAGES];
    int township; /* the one to make now */
};

static enum rc add_area(int64_t *id, struct cx *cx, int64_t parent, int level, const char *code,
                        const char *name)
{
    return area_add(id, cx, parent, level, str_of(code), str_of(name), day_of(founded));
}

static enum rc add_county(struct cx *cx, void *arg)
{
    struct areas *a = arg;
    int64_t province, prefecture;
    struct area county;
    TRY(add_area(&province, cx, 0, 0, "99", demo_province));
    TRY(add_area(&prefecture, cx, province, 1, "9999", demo_prefecture));
    TRY(add_area(&a->county_area, cx, prefecture, 2, "999901", demo_county_name));
    TRY(area_get(&county, cx, a->county_area));
    a->county = county.county;
    return office_set(cx, a->county, "synthetic", "1");
}

/* A township with its villages and hamlets. */
static enum rc add_township(struct cx *cx, void *arg)
{
    struct areas *a = arg;
    const struct demo_place *township = &a->c->townships[a->township];
    int64_t *id = &a->townships[a->township], hamlet;
    TRY(add_area(id, cx, a->county_area, 3, township->code, township->name));
    for (int v = 0; v < a->c->village_count; v++) {
        const struct demo_place *village = &a->c->villages[v];
        if (village->parent != a->township)
            continue;
        TRY(add_area(&a->villages[v], cx, *id, 4, village->code, village->name));
        for (int h = 0; h < village->hamlets; h++)
            TRY(add_area(&hamlet, cx, a->villages[v], 5, "", demo_hamlet_name(h)));
    }
    return RC_OK;
}

static enum rc add_areas(struct areas *a, struct cx *cx, const struct demo_county *c)
{
    a->c = c;
    TRY(db_write(cx, 0, add_county, a));
    for (a->township = 0; a->township < c->township_count; a->township++)
        TRY(db_write(cx, 0, add_township, a));
    return RC_OK;
}

/* ---- accounts ---- */

/* The first area of the role's level; the county where the role fits any. */
static int64_t area_of_role(const char **name, const struct areas *a, const struct role *role)
{
    if (!strcmp(role->level, "township")) {
        *name = a->c->townships[0].name;
        return a->townships[0];
    }
    if (!strcmp(role->level, "village")) {
        *name = a->c->villages[0].name;
        return a->villages[0];
    }
    *name = demo_county_name;
    return a->county_area;
}

/* One account per role of the profile; its login is the role's code. *importer: the first who
 * may import and undo. */
static enum rc add_accounts(int64_t *importer, struct cx *cx, const struct areas *a,
                            FILE *accounts)
{
    const struct profile *p = cx->profile;
    *importer = 0;
    fprintf(accounts, _("Accounts of the demo county, all with the password %s:\n"),
            demo_password);
    for (size_t i = 0; i < p->role_count; i++) {
        const struct role *role = &p->roles[i];
        const char *area_name;
        int64_t user, area = area_of_role(&area_name, a, role);
        TRY(user_add(&user, cx, str_of(role->code), str_of(LABEL(cx, role->label)),
                     str_of(demo_password), false));
        TRY(user_grant(cx, user, role->code, area));
        if (!*importer && role_has(role, "import.run"))
            *importer = user;
        fprintf(accounts, "  %-20s %s, %s\n", role->code, LABEL(cx, role->label), area_name);
    }
    return RC_OK;
}

/* ---- imports ---- */

static enum rc store_file(int64_t *document, struct cx *cx, const struct demo_file *file)
{
    bool is_new;
    int fd = open(file->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return file_fail(cx, errno, file->path);
    bool xlsx = str_ends(str_of(file->name), STR(".xlsx"));
    const char *type =
        xlsx ? "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" : "text/csv";
    enum rc rc = store_put(document, &is_new, cx, 0, "import", file->name, type, fd);
    close(fd);
    return rc;
}

enum rc demo_import_file(struct cx *cx, int64_t county, const struct demo_file *file)
{
    int64_t document, import;
    struct import done;
    int64_t from_ms = time_mono_ms();
    TRY(store_file(&document, cx, file));
    TRY(import_add(&import, cx, county, document, str_of(file->mapping), file->year));
    TRY(import_check_now(cx, import));
    TRY(import_apply_now(cx, import));
    TRY(import_get(&done, cx, import));
    if (done.state != IMPORT_DONE)
        return fail_f(cx, RC_INVALID, _("%s was not taken in: %s"), file->name, done.message);
    printf(_("%s: %s rows taken in, %s refused, %s s\n"), file->name,
           format_int(cx, done.rows_good), format_int(cx, done.rows_refused),
           format_scaled(cx, (time_mono_ms() - from_ms) / 100, 1));
    fflush(stdout);
    return RC_OK;
}

static enum rc import_all(struct cx *cx, int64_t county, const struct demo_files *f)
{
    for (size_t i = 0; i < f->count; i++) {
        struct arena_mark mark = arena_mark(cx->arena);
        TRY(demo_import_file(cx, county, &f->files[i]));
        arena_back(cx->arena, mark);
    }
    return RC_OK;
}

enum rc demo_load(struct cx *cx, const struct demo_county *c, const struct demo_files *f,
                  FILE *accounts)
{
    struct areas *a = arena_new(cx->arena, sizeof *a);
    int64_t importer;
    const struct actor *actor, *before = cx->actor;
    TRY(add_areas(a, cx, c));
    TRY(add_accounts(&importer, cx, a, accounts));
    if (!f)
        return RC_OK;
    /* The pages then show a person, not the system, as who brought the files. */
    TRY(actor_of_user(&actor, cx, importer));
    cx->actor = actor;
    enum rc rc = import_all(cx, a->county, f);
    if (!rc)
        rc = demo_lists_make(cx, c, f->dir, a->county_area, LISTS_SEED,
                             day_of((struct date){c->year, 12, 1}));
    cx->actor = before;
    TRY(rc);
    return demo_office_make(cx, c,
                            &(struct demo_office_place){.county = a->county,
                                                        .county_area = a->county_area,
                                                        .townships = a->townships,
                                                        .villages = a->villages,
                                                        .dir = f->dir},
                            accounts);
}
