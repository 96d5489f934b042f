/* Offers: what is given, to whose need, and that it arrived. */
#include "help/offer.h"

#include "base/text.h"
#include "base/utf8.h"
#include "help/help.sql.h"
#include "help/help_inner.h"
#include "help/offer.sql.h"
#include "people/org.h"
#include "register/area.h"
#include "store/store.h"

enum { NAME_MAX_BYTES = 240, WORDS_MAX_BYTES = 3000, LIST_MAX = 500, MATCHES_MAX = 1000 };
static const int64_t AMOUNT_MAX_MINOR = 1000000000000;

static enum rc no_offer(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such offer, or not for you to see."),
                "offer=%" PRId64, id);
}

static struct offer offer_of_row(struct cx *cx, const struct db_rows *r)
{
    bool sees_giver = actor_may(cx, "work.manage");
    return (struct offer){.county = row_i64(r, OFFER_ONE_COUNTY),
                          .id = row_i64(r, OFFER_ONE_ID),
                          .org_id = row_i64(r, OFFER_ONE_ORG_ID),
                          .giver =
                              sees_giver ? help_unseal(cx, row_str(r, OFFER_ONE_GIVER)) : "",
                          .text = row_copy(r, OFFER_ONE_WORDS).p,
                          .kind = (int32_t)row_i64(r, OFFER_ONE_KIND),
                          .amount_minor = row_i64(r, OFFER_ONE_AMOUNT_MINOR),
                          .left_minor = row_i64(r, OFFER_ONE_LEFT_MINOR),
                          .until_day = (int32_t)row_i64(r, OFFER_ONE_UNTIL_DAY),
                          .at = row_i64(r, OFFER_ONE_AT),
                          .version = (int32_t)row_i64(r, OFFER_ONE_VERSION)};
}

/* Offers belong to a county as a whole: whoever sees a part of it may look. */
static enum rc may_look(struct cx *cx, int64_t county, int64_t id)
{
    struct org_county *counties;
    size_t count;
    TRY(org_counties(&counties, &count, cx));
    for (size_t i = 0; i < count; i++)
        if (counties[i].county == county)
            return RC_OK;
    return no_offer(cx, id);
}

static enum rc may_change(struct cx *cx, int64_t county, int64_t id)
{
    struct org_county *counties;
    size_t count;
    TRY(org_counties(&counties, &count, cx));
    for (size_t i = 0; i < count; i++)
        if (counties[i].county == county)
            return actor_require_in(cx, "work.manage", str_of(counties[i].path));
    return no_offer(cx, id);
}

enum rc offer_get(struct offer *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &OFFER_ONE, V_I(id));
    if (rc == RC_NOTFOUND)
        return no_offer(cx, id);
    TRY(rc);
    *out = offer_of_row(cx, &rows);
    TRY(db_done(&rows));
    return may_look(cx, out->county, id);
}

enum rc offer_list(struct offer **out, size_t *count, struct cx *cx, int64_t county)
{
    struct db_rows rows;
    struct offer *list = arena_new(cx->arena, LIST_MAX * sizeof *list);
    size_t n = 0;
    TRY(may_look(cx, county, 0));
    TRY(DB_SELECT(&rows, cx, &OFFER_ALL, V_I(county), V_I(LIST_MAX)));
    while (n < LIST_MAX && db_next(&rows))
        list[n++] = offer_of_row(cx, &rows);
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

static struct offer_match match_of_row(const struct db_rows *r)
{
    return (struct offer_match){.county = row_i64(r, OFFER_MATCH_ONE_COUNTY),
                                .id = row_i64(r, OFFER_MATCH_ONE_ID),
                                .offer_id = row_i64(r, OFFER_MATCH_ONE_OFFER_ID),
                                .need_id = row_i64(r, OFFER_MATCH_ONE_NEED_ID),
                                .amount_minor = row_i64(r, OFFER_MATCH_ONE_AMOUNT_MINOR),
                                .at = row_i64(r, OFFER_MATCH_ONE_AT),
                                .user_id = row_i64(r, OFFER_MATCH_ONE_USER_ID),
                                .delivered_at = row_i64(r, OFFER_MATCH_ONE_DELIVERED_AT),
                                .document_id = row_i64(r, OFFER_MATCH_ONE_DOCUMENT_ID),
                                .ended_at = row_i64(r, OFFER_MATCH_ONE_ENDED_AT)};
}

enum rc offer_matches(struct offer_match **out, size_t *count, struct cx *cx, int64_t county,
                      int64_t offer_id)
{
    struct db_rows rows;
    struct offer_match *list = arena_new(cx->arena, MATCHES_MAX * sizeof *list);
    size_t n = 0;
    TRY(may_look(cx, county, offer_id));
    TRY(DB_SELECT(&rows, cx, &OFFER_MATCH_LIST, V_I(county), V_I(offer_id)));
    while (n < MATCHES_MAX && db_next(&rows))
        list[n++] = match_of_row(&rows);
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

/* ---- adding ---- */

struct adding {
    struct offer o;
    int64_t id;
};

static enum rc add_write(struct cx *cx, void *arg)
{
    struct adding *a = arg;
    const struct offer *o = &a->o;
    TRY(db_ids(&a->id, cx, 1));
    return DB_RUN(cx, &OFFER_INSERT, V_I(o->county), V_I(a->id), V_I(o->org_id),
                  help_seal(cx, str_of(o->giver)), V_T(o->text), V_I(o->kind),
                  V_I(o->amount_minor), V_I(o->until_day), V_I(help_user(cx)), V_I(cx->now_at));
}

static enum rc offer_ok(struct cx *cx, const struct offer *o)
{
    struct str giver = str_of(o->giver), text = str_of(o->text);
    const struct code_list *kinds = cx->profile->measures->need_kinds;
    if (utf8_bad_at(giver) < giver.len || utf8_bad_at(text) < text.len)
        return fail(cx, RC_INVALID, _("The text holds characters that cannot be read."),
                    "not utf-8");
    if (!o->org_id && !str_trim(giver).len)
        return fail(cx, RC_INVALID, _("Say who gives it: a name or an organisation."), "giver");
    if (!str_trim(text).len)
        return fail(cx, RC_INVALID, _("Say what is offered."), "offer text");
    if (giver.len > NAME_MAX_BYTES || text.len > WORDS_MAX_BYTES)
        return fail(cx, RC_INVALID, _("The text is too long."), "offer length");
    if (!kinds || !code_of(kinds, o->kind))
        return fail(cx, RC_INVALID, _("Choose which kind of need it is for."), "offer kind");
    if (o->amount_minor <= 0 || o->amount_minor > AMOUNT_MAX_MINOR)
        return fail(cx, RC_INVALID, _("Say how much it is, or what the things are worth."),
                    "offer amount");
    if (o->until_day && o->until_day < help_today(cx))
        return fail(cx, RC_INVALID, _("The last day lies in the past."), "offer day");
    return RC_OK;
}

enum rc offer_add(int64_t *id, struct cx *cx, int64_t county_area, const struct offer *o)
{
    struct adding a = {.o = *o};
    struct area area;
    TRY(area_get(&area, cx, county_area));
    TRY(actor_require_in(cx, "work.manage", str_of(area.path)));
    if (!area.county)
        return fail(cx, RC_INVALID, _("Choose a county or an area in it."), "offer area");
    a.o.county = area.county;
    a.o.giver = o->giver ? o->giver : "";
    a.o.text = o->text ? o->text : "";
    TRY(offer_ok(cx, &a.o));
    TRY(db_write(cx, area.county, add_write, &a));
    *id = a.id;
    return RC_OK;
}

/* ---- matching ---- */

struct matching {
    struct offer o;
    struct offer_match m;
    int64_t id;
};

/* Once per offer until it is delivered (a second tap), and not more than the household said. */
static enum rc still_needed(struct cx *cx, const struct need *n, const struct offer_match *m)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &OFFER_NEED_SUM, V_I(m->county), V_I(n->id), V_I(m->offer_id)));
    int64_t sum = row_i64(&rows, OFFER_NEED_SUM_AMOUNT_MINOR);
    bool waits = row_i64(&rows, OFFER_NEED_SUM_WAITS) > 0;
    TRY(db_done(&rows));
    if (waits)
        return fail(cx, RC_CONFLICT,
                    _("This offer is matched to this need already. Deliver it first, or end "
                      "that match."),
                    "need=%" PRId64, n->id);
    if (n->amount_minor && m->amount_minor > n->amount_minor - sum)
        return fail(cx, RC_CONFLICT,
                    _("The household does not need so much any more: other offers were matched "
                      "to it. Give less, or choose another need."),
                    "need=%" PRId64, n->id);
    return RC_OK;
}

static enum rc may_match(struct cx *cx, const struct offer *o, const struct offer_match *m)
{
    struct need n;
    int64_t need_id = m->need_id;
    TRY(need_get(&n, cx, need_id));
    if (n.county == o->county && n.kind == o->kind && n.state == NEED_OPEN && n.may_be_listed)
        return still_needed(cx, &n, m);
    return fail(cx, RC_INVALID,
                _("This need is of another kind, solved, or the household did not agree that "
                  "donors see it."),
                "need=%" PRId64, need_id);
}

static enum rc match_write(struct cx *cx, void *arg)
{
    struct matching *m = arg;
    int64_t changed;
    TRY(may_match(cx, &m->o, &m->m));
    TRY(db_ids(&m->id, cx, 1));
    TRY(DB_RUN_COUNT(&changed, cx, &OFFER_TAKE, V_I(m->m.county), V_I(m->m.offer_id),
                     V_I(m->m.amount_minor), V_I(help_today(cx))));
    if (!changed)
        return fail(cx, RC_CONFLICT,
                    _("So much is not left of this offer, or it has ended. Look again."),
                    "offer=%" PRId64, m->m.offer_id);
    return DB_RUN(cx, &OFFER_MATCH_INSERT, V_I(m->m.county), V_I(m->id), V_I(m->m.offer_id),
                  V_I(m->m.need_id), V_I(m->m.amount_minor), V_I(cx->now_at),
                  V_I(help_user(cx)));
}

enum rc offer_match_add(int64_t *id, struct cx *cx, int64_t offer_id, int64_t need_id,
                        int64_t amount_minor)
{
    struct offer o;
    TRY(offer_get(&o, cx, offer_id));
    TRY(may_change(cx, o.county, offer_id));
    if (amount_minor <= 0)
        return fail(cx, RC_INVALID, _("The amount must be more than nothing."), "match amount");
    struct matching m = {.o = o,
                         .m = {.county = o.county,
                               .offer_id = offer_id,
                               .need_id = need_id,
                               .amount_minor = amount_minor}};
    TRY(db_write(cx, o.county, match_write, &m));
    *id = m.id;
    return RC_OK;
}

enum rc offer_match_get(struct offer_match *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &OFFER_MATCH_ONE, V_I(id));
    if (rc == RC_NOTFOUND)
        return no_offer(cx, id);
    TRY(rc);
    *out = match_of_row(&rows);
    TRY(db_done(&rows));
    return may_change(cx, out->county, id);
}

static enum rc ended_already(struct cx *cx, int64_t id)
{
    return fail(cx, RC_CONFLICT, _("This was delivered or taken back already."),
                "match=%" PRId64, id);
}

static enum rc deliver_write(struct cx *cx, void *arg)
{
    const struct matching *m = arg;
    struct db_rows rows;
    struct need n;
    int64_t changed, delivered;
    TRY(DB_RUN_COUNT(&changed, cx, &OFFER_MATCH_DELIVER, V_I(m->m.county), V_I(m->id),
                     V_I(cx->now_at), V_I(m->m.document_id)));
    if (!changed)
        return ended_already(cx, m->id);
    TRY(DB_ONE(&rows, cx, &OFFER_NEED_DELIVERED, V_I(m->m.county), V_I(m->m.need_id)));
    delivered = row_i64(&rows, OFFER_NEED_DELIVERED_AMOUNT_MINOR);
    TRY(db_done(&rows));
    TRY(need_get(&n, cx, m->m.need_id));
    if (n.state != NEED_OPEN || delivered < n.amount_minor)
        return RC_OK;
    return DB_RUN(cx, &NEED_STATE_SET, V_I(n.county), V_I(n.id), V_I(n.version),
                  V_I(NEED_SOLVED), V_I(cx->now_at), V_T(""));
}

enum rc offer_delivered(struct cx *cx, int64_t match_id, int64_t document_id)
{
    struct matching m = {.id = match_id};
    struct document d;
    TRY(offer_match_get(&m.m, cx, match_id));
    TRY(store_get(&d, cx, m.m.county, document_id));
    m.m.document_id = document_id;
    return db_write(cx, m.m.county, deliver_write, &m);
}

static enum rc end_write(struct cx *cx, void *arg)
{
    const struct matching *m = arg;
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &OFFER_MATCH_CLOSE, V_I(m->m.county), V_I(m->id),
                     V_I(cx->now_at)));
    if (!changed)
        return ended_already(cx, m->id);
    return DB_RUN(cx, &OFFER_GIVE_BACK, V_I(m->m.county), V_I(m->m.offer_id),
                  V_I(m->m.amount_minor));
}

enum rc offer_match_end(struct cx *cx, int64_t match_id)
{
    struct matching m = {.id = match_id};
    TRY(offer_match_get(&m.m, cx, match_id));
    return db_write(cx, m.m.county, end_write, &m);
}
