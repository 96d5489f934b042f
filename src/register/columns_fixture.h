/* For tests of live columns: a cache in cx, and the comparison of what was followed with what
 * is loaded anew. */
#ifndef REGISTER_COLUMNS_FIXTURE_H
#define REGISTER_COLUMNS_FIXTURE_H

#include "register/columns.h"
#include "register/register_fixture.h"

static CHECK_UNUSED void columns_fixture_open(struct cx *cx)
{
    check_ok(cx, columns_cache_open(&cx->columns, cx));
}

static CHECK_UNUSED void columns_fixture_close(struct cx *cx)
{
    columns_cache_close(cx->columns);
    cx->columns = NULL;
}

/* One cache's columns of a county, open. */
struct columns_view {
    struct cx *cx;
    struct columns_cache *before;
    struct columns *c;
    const struct columns_head *head;
};

static CHECK_UNUSED void columns_view_open(struct columns_view *v, struct cx *cx,
                                           struct columns_cache *cache, int64_t county)
{
    *v = (struct columns_view){.cx = cx, .before = cx->columns};
    cx->columns = cache;
    check_ok(cx, columns_open(&v->c, cx, county));
    v->head = columns_head(v->c);
}

static CHECK_UNUSED void columns_view_close(struct columns_view *v)
{
    columns_close(v->c);
    v->cx->columns = v->before;
}

static CHECK_UNUSED int64_t view_person_row(const struct columns_view *v, int64_t id)
{
    for (size_t i = 0; i < v->head->person_rows; i++)
        if (v->head->person_id[i] == id)
            return (int64_t)i;
    return -1;
}

/* Every living row of `a` has a row in `b` with equal cells of a column. */
static CHECK_UNUSED void view_same_column(const struct columns_view *a,
                                          const struct columns_view *b, enum subject subject,
                                          struct column x, struct column y)
{
    bool person = subject == SUBJECT_PERSON;
    size_t rows = person ? a->head->person_rows : a->head->household_rows;
    for (size_t i = 0; i < rows; i++) {
        int64_t id = person ? a->head->person_id[i] : a->head->household_id[i];
        if (!id) {
            assert_int_equal(column_at(x, i), COLUMN_MISSING);
            continue;
        }
        int64_t other = person ? view_person_row(b, id) : columns_household_row(b->c, id);
        assert_true(other >= 0);
        assert_int_equal(column_at(x, i), column_at(y, (size_t)other));
    }
}

static CHECK_UNUSED size_t view_alive(const int64_t *ids, size_t rows)
{
    size_t count = 0;
    for (size_t i = 0; i < rows; i++)
        count += ids[i] != 0;
    return count;
}

static CHECK_UNUSED void view_same_places(struct columns_view *a, struct columns_view *b)
{
    const struct columns_head *x = a->head, *y = b->head;
    assert_int_equal(x->seq, y->seq);
    assert_int_equal(x->area_count, y->area_count);
    for (size_t i = 0; i < x->area_count; i++) {
        assert_int_equal(x->areas[i].id, y->areas[i].id);
        assert_int_equal(x->areas[i].parent, y->areas[i].parent);
        assert_int_equal(x->areas[i].end, y->areas[i].end);
        assert_string_equal(x->areas[i].name, y->areas[i].name);
        assert_string_equal(x->areas[i].code, y->areas[i].code);
    }
    assert_int_equal(x->year_count, y->year_count);
    for (size_t i = 0; i < x->year_count; i++)
        assert_int_equal(x->years[i], y->years[i]);
    assert_int_equal(view_alive(x->household_id, x->household_rows),
                     view_alive(y->household_id, y->household_rows));
    assert_int_equal(view_alive(x->person_id, x->person_rows),
                     view_alive(y->person_id, y->person_rows));
    for (size_t i = 0; i < x->household_rows; i++)
        if (x->household_id[i])
            assert_int_equal(x->area[i],
                             y->area[columns_household_row(b->c, x->household_id[i])]);
    for (size_t i = 0; i < x->person_rows; i++)
        if (x->person_id[i])
            assert_int_equal(
                x->household_id[x->household[i]],
                y->household_id[y->household[view_person_row(b, x->person_id[i])]]);
}

/* The people of every household in a year are the same in the same order. */
static CHECK_UNUSED void view_same_people(struct columns_view *a, struct columns_view *b,
                                          int32_t year)
{
    for (size_t i = 0; i < a->head->household_rows; i++) {
        const uint32_t *p, *q;
        size_t m, n;
        if (!a->head->household_id[i])
            continue;
        size_t other = (size_t)columns_household_row(b->c, a->head->household_id[i]);
        check_ok(a->cx, columns_people(&p, &m, a->cx, a->c, year, i));
        check_ok(a->cx, columns_people(&q, &n, a->cx, b->c, year, other));
        assert_int_equal(m, n);
        for (size_t k = 0; k < m; k++)
            assert_int_equal(a->head->person_id[p[k]], b->head->person_id[q[k]]);
    }
}

static CHECK_UNUSED void view_same_year(struct columns_view *a, struct columns_view *b,
                                        int32_t year)
{
    static const int32_t fixed[] = {FIX_SEX,
                                    FIX_BIRTH,
                                    FIX_RELATION,
                                    FIX_IDENTITY_LENGTH,
                                    FIX_IDENTITY_VALID,
                                    FIX_IDENTITY_BIRTH,
                                    FIX_IDENTITY_SEX,
                                    FIX_IDENTITY_TWICE,
                                    FIX_PHONE_KNOWN,
                                    FIX_PHONE_VALID,
                                    FIX_PHONE_SHARED};
    struct cx *cx = a->cx;
    const struct profile *p = cx->profile;
    struct column x, y;
    for (int s = SUBJECT_HOUSEHOLD; s <= SUBJECT_PERSON; s++)
        for (size_t i = 0; i < p->of_count[s]; i++) {
            int32_t number = p->of[s][i]->number;
            check_ok(cx, columns_get(&x, cx, a->c, (enum subject)s, number, year));
            check_ok(cx, columns_get(&y, cx, b->c, (enum subject)s, number, year));
            view_same_column(a, b, (enum subject)s, x, y);
        }
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        check_ok(cx, columns_get(&x, cx, a->c, SUBJECT_PERSON, fixed[i], year));
        check_ok(cx, columns_get(&y, cx, b->c, SUBJECT_PERSON, fixed[i], year));
        view_same_column(a, b, SUBJECT_PERSON, x, y);
    }
    check_ok(cx, columns_get(&x, cx, a->c, SUBJECT_HOUSEHOLD, FIX_SIZE, year));
    check_ok(cx, columns_get(&y, cx, b->c, SUBJECT_HOUSEHOLD, FIX_SIZE, year));
    view_same_column(a, b, SUBJECT_HOUSEHOLD, x, y);
    for (size_t i = 0; i < p->income_count; i++) {
        check_ok(cx, columns_income(&x, cx, a->c, p->incomes[i].number, year));
        check_ok(cx, columns_income(&y, cx, b->c, p->incomes[i].number, year));
        view_same_column(a, b, SUBJECT_HOUSEHOLD, x, y);
    }
    view_same_people(a, b, year);
}

/* cx->columns, which follows, equals a cache that loads now. */
static CHECK_UNUSED void columns_check_same(struct cx *cx, int64_t county)
{
    struct columns_cache *fresh;
    struct columns_view a, b;
    struct arena_mark mark = arena_mark(cx->arena);
    check_ok(cx, columns_cache_open(&fresh, cx));
    columns_view_open(&a, cx, cx->columns, county);
    columns_view_open(&b, cx, fresh, county);
    view_same_places(&a, &b);
    for (size_t i = 0; i < a.head->year_count; i++)
        view_same_year(&a, &b, a.head->years[i]);
    columns_view_close(&b);
    columns_view_close(&a);
    columns_cache_close(fresh);
    arena_back(cx->arena, mark);
}

#endif
