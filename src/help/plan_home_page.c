/* The household's own page: no account, only the address on its paper. Large pictures, few
 * words, who to ask, and three answers. It shows no name, no number of a person and nothing of
 * anybody else. */
#include "base/format.h"
#include "base/text.h"
#include "help/plan_home.html.h"
#include "people/org.h"
#include "profile/calendar.h"
#include "register/area.h"

#include <string.h>

static const char *say(struct cx *cx, const struct plan_item *x)
{
    if (x->objected_at)
        return _("You do not agree. Somebody will talk with you.");
    switch (x->state) {
    case ITEM_PROPOSED:
        return _("This is planned. Tell us if you do not agree.");
    case ITEM_AGREED:
        return _("This is coming.");
    case ITEM_STARTED:
        return _("They have begun.");
    case ITEM_DELIVERED:
        return _("They say it is here. Did you get it?");
    case ITEM_CONFIRMED:
        return _("You got it.");
    case ITEM_DENIED:
        return _("You say it did not happen. They have been told.");
    case ITEM_REFUSED:
    case ITEM_STOPPED:
        break;
    }
    return "";
}

/* The helper who stands by the household; NULL: it has none. */
static const char *helper_of(struct cx *cx, const struct plan *p)
{
    struct pairing *pairs;
    size_t count;
    if (pairs_of_household(&pairs, &count, cx, p->county, p->household_id, false)) {
        err_clear(cx);
        return NULL;
    }
    return count ? pairs[0].helper_name : NULL;
}

/* Who delivers it; where no organisation does, the people of the place. */
static const char *whom_to_ask(struct cx *cx, const struct plan *p, const struct plan_item *x)
{
    return x->owner.kind == OWNER_AREA
               ? arena_printf(cx->arena, _("the office of %s"), area_label(cx, p->area_id))
               : owner_label(cx, &x->owner);
}

static enum rc fill(struct home_view *v, struct cx *cx, const struct plan *p,
                    struct plan_item *items, size_t count)
{
    struct plan_card *cards;
    const char *helper = helper_of(cx, p);
    TRY(plan_cards_fill(&cards, cx, p, items, count, false));
    v->cards = arena_new(cx->arena, (count + 1) * sizeof *v->cards);
    for (size_t i = 0; i < count; i++) {
        const struct plan_item *x = &items[i];
        if (x->state == ITEM_REFUSED || x->state == ITEM_STOPPED)
            continue;
        v->cards[v->card_count++] =
            (struct home_card){.card = &cards[i],
                               .amount = x->paid_minor ? cards[i].paid : cards[i].cost,
                               .day = cards[i].due,
                               .say = say(cx, x),
                               .ask = helper ? helper : whom_to_ask(cx, p, x)};
    }
    return RC_OK;
}

static enum rc show(struct cx *cx, const struct request *q, struct response *a,
                    struct home_view *v)
{
    struct plan p;
    struct plan_item *items;
    size_t count;
    struct str token = request_param(q, "token");
    TRY(db_read_begin(cx));
    TRY(plan_by_token(&p, &items, &count, cx, token));
    v->token = arena_copy(cx->arena, token);
    v->csrf = visitor_of(q)->csrf;
    if (request_query(q, "sent").len)
        v->sent = _("Thank you. It is written down, and those concerned are told.");
    TRY(fill(v, cx, &p, items, count));
    if (p.household_id)
        TRY(taper_words_fill(&v->taper, cx, p.county, p.household_id, true));
    response_header(cx, a, "X-Robots-Tag", "noindex, nofollow, noarchive");
    response_header(cx, a, "Referrer-Policy", "no-referrer");
    struct out *o =
        page_begin(cx, q, &(struct page){.title = _("Your help"), .no_index = true});
    plan_home_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc home_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct home_view v = {0};
    return show(cx, q, a, &v);
}

static enum rc home_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t item;
    struct str token = request_param(q, "token"), words = request_form(q, "words");
    struct str what = request_form(q, "do");
    struct home_view v = {0};
    enum rc rc;
    if (!token.p)
        token = STR("");
    TRY(help_form_number(&item, cx, q, "item", INT64_MAX));
    if (str_eq_z(what, "object"))
        rc = plan_object(cx, token, item, words);
    else
        rc = plan_item_confirm(cx, item, token, str_eq_z(what, "received"), words);
    if (help_is_told(&v.error, cx, rc)) {
        a->status = http_status_of(rc);
        return show(cx, q, a, &v);
    }
    TRY(rc);
    response_redirect(cx, a, arena_printf(cx->arena, "/p/%.*s?sent=1", STR_ARG(token)));
    return RC_OK;
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/p/{token}",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_NONE,
     .handle = home_get,
     .test_path = "/p/aaaaaaaaaaaaaaaaaaaaaa"},
    {.method = METHOD_POST,
     .path = "/p/{token}",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_TOKEN,
     .body_max = HELP_FORM_BYTES,
     .handle = home_post,
     .test_path = "/p/aaaaaaaaaaaaaaaaaaaaaa"},
};
const struct route_table plan_home_routes = ROUTE_TABLE(rows);
