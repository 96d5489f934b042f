/* Tests of the household's own page as it is written: in both languages, with the three answers
 * where they fit, and without names, numbers of people or what only officers see. */
#include "help/help_fixture.h"
#include "help/plan_home.html.h"
#include "help/plan_picture.html.h"
#include "profile/calendar.h"

static struct str page_of(struct cx *cx, struct help_plan *h)
{
    struct plan_card *cards;
    struct out *o = out_new(cx->arena, NULL);
    struct home_view v = {.token = h->p.token, .csrf = "c"};
    check_ok(cx, plan_cards_fill(&cards, cx, &h->p, h->items, h->count, false));
    v.cards = arena_new(cx->arena, (h->count + 1) * sizeof *v.cards);
    for (size_t i = 0; i < h->count; i++)
        v.cards[v.card_count++] = (struct home_card){.card = &cards[i],
                                                     .amount = cards[i].cost,
                                                     .day = cards[i].due,
                                                     .say = "",
                                                     .ask = "乡政府"};
    plan_home_body(o, cx, &v);
    assert_true(out_ok(o));
    return out_view(o);
}

static bool has(struct str page, const char *text)
{
    return str_find(page, str_of(text)) != SIZE_MAX;
}

/* Before anything is delivered one may only disagree; after it, confirm or deny; confirmed,
 * deny only. Nothing of the household's register is on the page, not even why it gets the help.
 */
static void home_on(struct cx *cx)
{
    static const char *const never[] = {"王明", "王小",     "H1",     "学费",      "cause",
                                        "D: ",  "How sure", "/plan/", "/household"};
    struct help_plan h;
    help_fixture_open(cx);
    help_plan_propose(&h, cx, 0, "H1");
    struct str page = page_of(cx, &h);
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        if (has(page, never[i]))
            fail_msg("the household's page shows “%s”", never[i]);
    assert_true(has(page, "Repair of the house"));
    assert_true(has(page, "¥ 20,000"));
    assert_true(has(page, "value=\"object\""));
    assert_false(has(page, "value=\"received\""));
    help_plan_approve(&h, cx);
    for (size_t i = 0; i < h.count; i++)
        check_ok(cx, plan_item_deliver(cx, h.items[i].id, h.items[i].version,
                                       local_day(cx->profile, cx->now_at), 0, 0));
    help_plan_read(&h, cx);
    page = page_of(cx, &h);
    assert_true(has(page, "value=\"received\"") && has(page, "value=\"denied\""));
    assert_false(has(page, "value=\"object\""));
    for (size_t i = 0; i < h.count; i++)
        check_ok(cx, plan_item_confirm(cx, h.items[i].id, str_of(h.p.token), true, STR("")));
    help_plan_read(&h, cx);
    page = page_of(cx, &h);
    assert_false(has(page, "value=\"received\""));
    assert_true(has(page, "value=\"denied\""));
    text_use(LANG_ZH, &messages_zh);
    cx->lang = LANG_ZH;
    assert_true(has(page_of(cx, &h), "没有落实"));
    cx->lang = LANG_EN;
    help_fixture_close(cx);
}
static void test_home(void **state)
{
    (void)state;
    db_fixture_each(home_on);
}

/* Every drawing that a profile of the program names is drawn, and all are different. */
static void test_pictures(void **state)
{
    struct cx cx;
    struct profile *p;
    struct profile_faults faults = {0};
    struct str drawn[32];
    (void)state;
    check_open(&cx);
    check_ok(&cx, profile_load_embedded(&p, &faults, &cx, "cn"));
    assert_int_equal(p->measures->group_count, 14);
    struct out *other = out_new(cx.arena, NULL);
    plan_picture(other, &cx, "no such drawing");
    for (size_t i = 0; i < p->measures->group_count; i++) {
        struct out *o = out_new(cx.arena, NULL);
        plan_picture(o, &cx, p->measures->groups[i].picture);
        drawn[i] = out_view(o);
        assert_false(str_eq(drawn[i], out_view(other)));
        for (size_t k = 0; k < i; k++)
            assert_false(str_eq(drawn[i], drawn[k]));
    }
    profile_free(p);
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_home),
                                       cmocka_unit_test(test_pictures)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
