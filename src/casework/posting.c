/* Public notices of cases: made and ended by the engine, read by everybody. */
#include "casework/posting.h"

#include "base/crypto.h"
#include "base/text.h"
#include "base/utf8.h"
#include "base/vault.h"
#include "casework/posting.sql.h"
#include "casework/public_inner.h"
#include "db/db.h"
#include "people/actor.h"
#include "profile/calendar.h"
#include "work/place.h"

#include <string.h>

enum {
    TOKEN_LEN = 22,
    KEY_LEN = 8 /* bytes */,
    DEFAULT_DAYS = 7,
    ITEMS_MAX = 500,
    PUBLIC_MAX = 200
};
static const char end_kind[] = "posting.end";

/* ---- what is shown ---- */

const char *posting_mask(struct cx *cx, struct str name)
{
    bool given_first = !strcmp(cx->profile->name_order, "given_first"), first = true;
    struct buf b;
    name = str_trim(name);
    buf_init(&b, cx->arena, 4 * name.len + 8);
    while (name.len) {
        uint32_t c = utf8_next(&name);
        if (given_first && c == ' ') {
            buf_char(&b, ' ');
            first = true;
            continue;
        }
        if (first) {
            utf8_put(&b, c);
            if (given_first)
                buf_char(&b, '.');
        } else if (!given_first) {
            buf_char(&b, '*');
        }
        first = false;
    }
    return arena_copy(cx->arena, buf_view(&b));
}

static enum rc shown_household(const char **out, struct cx *cx, const struct flow *flow,
                               const char *shows)
{
    struct db_rows rows;
    enum rc rc =
        DB_ONE(&rows, cx, &POSTING_HOUSEHOLD, V_I(flow->county), V_I(flow->subject_id));
    *out = "–";
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    struct str code = row_copy(&rows, POSTING_HOUSEHOLD_CODE);
    struct str name = row_copy(&rows, POSTING_HOUSEHOLD_HEAD_NAME);
    TRY(db_done(&rows));
    if (!strcmp(shows, "name") && name.len)
        *out = name.p;
    else if (!strcmp(shows, "masked_name") && name.len)
        *out = posting_mask(cx, name);
    else if (code.len)
        *out = code.p;
    return RC_OK;
}

enum rc posting_shown(const char **out, struct cx *cx, const struct flow *flow)
{
    const struct option *o;
    struct area a;
    if (flow->workflow && flow->workflow->subject == FLOW_HOUSEHOLD) {
        TRY(area_option(&o, cx, flow->area_id, "posting_shows"));
        return shown_household(out, cx, flow, o ? o->value : "masked_name");
    }
    TRY(area_get(&a, cx, flow->area_id));
    *out = a.name[0] ? a.name : "–";
    return RC_OK;
}

static enum rc public_naming(bool *out, struct cx *cx, int64_t area_id)
{
    const struct option *o;
    TRY(area_option(&o, cx, area_id, "public_naming"));
    *out = option_on(o);
    return RC_OK;
}

/* ---- making and ending ---- */

static enum rc new_posting(int64_t *id, struct cx *cx, const struct flow *flow,
                           const struct place *a, int32_t day)
{
    const struct workflow_state *s = flow->state;
    const struct option *o;
    TRY(area_option(&o, cx, flow->area_id, "posting_village_only"));
    int32_t days = s->after_days > 0 ? s->after_days : s->days > 0 ? s->days : DEFAULT_DAYS;
    int64_t to_at = deadline_after(cx->profile, cx->now_at, days, s->working);
    const char *token = arena_copy(cx->arena, (struct str){token_new(cx->arena), TOKEN_LEN}),
               *title[2];
    for (int l = 0; l < LANG_COUNT; l++)
        title[l] = arena_printf(cx->arena, "%s · %s", s->label.in[l], a->name);
    TRY(db_ids(id, cx, 1));
    TRY(DB_RUN(cx, &POSTING_ADD_ROW, V_I(flow->county), V_I(*id), V_I(a->id),
               V_T(flow->workflow_code), V_T(flow->state_code), V_I(day), V_T(token),
               V_I(cx->now_at), V_I(to_at), V_I(o && option_on(o)), V_T(title[LANG_EN]),
               V_T(title[LANG_ZH])));
    return deadline_set(cx, flow->county, end_kind, *id, to_at, 0);
}

enum rc posting_add(int64_t *id, struct cx *cx, const struct flow *flow, struct str shown)
{
    struct db_rows rows;
    struct place a;
    bool named;
    int64_t found = 0;
    *id = 0;
    TRY(public_naming(&named, cx, flow->area_id));
    if (!named)
        return RC_OK;
    TRY(place_at_level(&a, cx, flow->area_path, flow->state->level));
    int32_t day = local_day(cx->profile, cx->now_at);
    enum rc rc = DB_ONE(&rows, cx, &POSTING_TODAY, V_I(flow->county), V_I(a.id),
                        V_T(flow->workflow_code), V_T(flow->state_code), V_I(day));
    if (rc == RC_OK) {
        found = row_i64(&rows, POSTING_TODAY_ID);
        TRY(db_done(&rows));
    } else if (rc == RC_NOTFOUND) {
        TRY(new_posting(&found, cx, flow, &a, day));
    } else {
        return rc;
    }
    TRY(DB_RUN(cx, &POSTING_ITEM_PUT, V_I(flow->county), V_I(found), V_I(flow->id), V_S(shown),
               V_T(flow->workflow->label.in[LANG_EN]), V_T(flow->workflow->label.in[LANG_ZH])));
    *id = found;
    return RC_OK;
}

/* The notice does not end by itself while nobody has looked at an objection. */
static enum rc leave_notice(struct cx *cx, const struct flow *now,
                            const struct workflow_move *move)
{
    struct db_rows rows;
    const struct workflow_state *from =
        now->workflow ? workflow_state(now->workflow, str_of(move->from)) : NULL;
    TRY(DB_RUN(cx, &POSTING_ITEM_GONE, V_I(now->county), V_I(now->id), V_I(cx->now_at)));
    if (!from || from->kind != STATE_NOTICE)
        return RC_OK;
    if (move->kind != MOVE_AUTO)
        return task_close_of(cx, now->county, "objection", now->id, TASK_DONE);
    TRY(DB_ONE(&rows, cx, &POSTING_OBJECTIONS, V_I(now->county), V_I(now->id)));
    int64_t open = row_i64(&rows, 0);
    TRY(db_done(&rows));
    return open ? fail(cx, RC_INVALID,
                       _("Somebody objected, and nobody has looked at it yet: the notice goes "
                         "on."),
                       "flow=%" PRId64, now->id)
                : RC_OK;
}

enum rc posting_hook(struct cx *cx, const struct flow *now, const struct workflow_move *move,
                     const struct flow_ask *ask)
{
    const char *shown;
    int64_t id;
    (void)ask;
    if (move)
        TRY(leave_notice(cx, now, move));
    if (!now->workflow || !now->state || now->state->kind != STATE_NOTICE)
        return RC_OK;
    TRY(posting_shown(&shown, cx, now));
    return posting_add(&id, cx, now, str_of(shown));
}

static enum rc end_posting(struct cx *cx, const struct deadline *d)
{
    return DB_RUN(cx, &POSTING_END, V_I(d->county), V_I(d->subject_id), V_I(cx->now_at));
}
const struct deadline_kind posting_deadline_kinds[] = {{end_kind, end_posting}};
const size_t posting_deadline_kind_count = 1;

/* ---- reading ---- */

static struct posting posting_of_row(const struct db_rows *r)
{
    struct posting p = {
        .county = row_i64(r, POSTING_OF_TOKEN_COUNTY),
        .id = row_i64(r, POSTING_OF_TOKEN_ID),
        .area_id = row_i64(r, POSTING_OF_TOKEN_AREA_ID),
        .token = row_copy(r, POSTING_OF_TOKEN_TOKEN).p,
        .from_at = row_i64(r, POSTING_OF_TOKEN_FROM_AT),
        .to_at = row_i64(r, POSTING_OF_TOKEN_TO_AT),
        .ended_at = row_i64(r, POSTING_OF_TOKEN_ENDED_AT),
        .village_only = row_i64(r, POSTING_OF_TOKEN_VILLAGE_ONLY) != 0,
    };
    p.title.in[LANG_EN] = row_copy(r, POSTING_OF_TOKEN_TITLE_EN).p;
    p.title.in[LANG_ZH] = row_copy(r, POSTING_OF_TOKEN_TITLE_ZH).p;
    return p;
}

static enum rc read_postings(struct posting **out, size_t *count, struct db_rows *rows,
                             size_t max)
{
    struct posting *list = arena_new(rows->cx->arena, (max + 1) * sizeof *list);
    size_t n = 0;
    while (n < max && db_next(rows))
        list[n++] = posting_of_row(rows);
    TRY(db_done(rows));
    *out = list;
    *count = n;
    return RC_OK;
}

/* Says nothing of the case to those who do not have the vault's key. */
static const char *item_key(struct cx *cx, const struct posting *p, int64_t flow_id)
{
    uint8_t key[KEY_BYTES], hash[HASH_BYTES];
    vault_key(key, cx->vault, "posting.item", true);
    hash_keyed(hash, key,
               str_of(arena_printf(cx->arena, "%" PRId64 " %" PRId64, p->id, flow_id)));
    explicit_bzero(key, sizeof key);
    return hex_of(cx->arena, hash, KEY_LEN);
}

static enum rc read_items(struct posting_item **out, size_t *count, struct cx *cx,
                          const struct posting *p)
{
    struct posting_item *list = arena_new(cx->arena, (ITEMS_MAX + 1) * sizeof *list);
    struct db_rows rows;
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &POSTING_ITEMS, V_I(p->county), V_I(p->id), V_I(ITEMS_MAX)));
    while (n < ITEMS_MAX && db_next(&rows)) {
        list[n] = (struct posting_item){.flow_id = row_i64(&rows, POSTING_ITEMS_FLOW_ID),
                                        .shown = row_copy(&rows, POSTING_ITEMS_SHOWN).p};
        list[n].what.in[LANG_EN] = row_copy(&rows, POSTING_ITEMS_WHAT_EN).p;
        list[n++].what.in[LANG_ZH] = row_copy(&rows, POSTING_ITEMS_WHAT_ZH).p;
    }
    TRY(db_done(&rows));
    for (size_t i = 0; i < n; i++)
        list[i].key = item_key(cx, p, list[i].flow_id);
    *out = list;
    *count = n;
    return RC_OK;
}

static enum rc no_posting(struct cx *cx)
{
    return fail(cx, RC_NOTFOUND, _("There is no such notice, or its time is over."), "posting");
}

enum rc posting_open(struct posting *out, struct posting_item **items, size_t *count,
                     struct cx *cx, struct str token)
{
    struct db_rows rows;
    bool named = true;
    if (token.len != TOKEN_LEN || utf8_bad_at(token) < token.len)
        return no_posting(cx);
    enum rc rc = DB_ONE(&rows, cx, &POSTING_OF_TOKEN, V_S(token));
    if (rc == RC_NOTFOUND)
        return no_posting(cx);
    TRY(rc);
    struct posting p = posting_of_row(&rows);
    TRY(db_done(&rows));
    if (p.ended_at || p.to_at <= cx->now_at)
        return no_posting(cx);
    TRY(public_naming(&named, cx, p.area_id));
    if (!named)
        return no_posting(cx);
    TRY(read_items(items, count, cx, &p));
    *out = p;
    return RC_OK;
}

enum rc posting_list_public(struct posting **out, size_t *count, struct cx *cx, int64_t county)
{
    struct posting *all;
    struct db_rows rows;
    size_t n, kept = 0;
    TRY(DB_SELECT(&rows, cx, &POSTING_PUBLIC, V_I(county), V_I(cx->now_at), V_I(PUBLIC_MAX)));
    TRY(read_postings(&all, &n, &rows, PUBLIC_MAX));
    for (size_t i = 0; i < n; i++) {
        bool named;
        TRY(public_naming(&named, cx, all[i].area_id));
        if (named)
            all[kept++] = all[i];
    }
    *out = all;
    *count = kept;
    return RC_OK;
}

enum rc postings_of_flow(struct posting **out, size_t *count, struct cx *cx, int64_t flow_id)
{
    enum { MAX = 50 };
    struct flow flow;
    struct db_rows rows;
    TRY(flow_get(&flow, cx, flow_id));
    TRY(DB_SELECT(&rows, cx, &POSTING_OF_CASE, V_I(flow.county), V_I(flow_id), V_I(MAX)));
    return read_postings(out, count, &rows, MAX);
}

enum rc posting_list(struct posting **out, size_t *count, struct cx *cx, int64_t area_id,
                     int64_t after, size_t max)
{
    struct place_range r;
    struct db_rows rows;
    TRY(place_range_find(&r, cx, area_id));
    TRY(DB_SELECT(&rows, cx, &POSTING_PAGE, V_I(r.from_county), V_I(r.to_county), V_T(r.path),
                  V_T(r.end), V_I(after > 0 ? after : INT64_MAX), V_I(max)));
    return read_postings(out, count, &rows, max);
}
