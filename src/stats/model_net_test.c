/* Tests of lasso, ridge and what lies between: against glmnet, by invariance, and at the edges.
 */
#include "stats/model_fixture.h"

enum { NET_K = 7 };
struct net_room {
    struct model_room m;
    const double *x[NET_K];
    double *y;
    uint32_t *fold;
    struct net_spec s;
};

/* model.R's columns, folds and outcome at deviation 1. */
static void open_net(struct net_room *r)
{
    model_room_open(&r->m);
    size_t n = r->m.s.n;
    double mean = 0, square = 0;
    memcpy(r->x, r->m.x, sizeof r->m.x);
    r->x[6] = r->m.rows.x.w;
    r->y = arena_array(r->m.cx.arena, n, sizeof *r->y);
    r->fold = arena_array(r->m.cx.arena, n, sizeof *r->fold);
    for (size_t i = 0; i < n; i++)
        mean += r->m.rows.x.y[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        square += (r->m.rows.x.y[i] - mean) * (r->m.rows.x.y[i] - mean) / (double)n;
    for (size_t i = 0; i < n; i++) {
        r->y[i] = (r->m.rows.x.y[i] - mean) / sqrt(square);
        r->fold[i] = (uint32_t)((i + 1) * 7 % 5);
    }
    r->s = (struct net_spec){
        .model = {.n = n, .k = NET_K, .y = r->y, .x = r->x, .y_name = "income"},
        .folds = 5,
        .fold = r->fold};
}

static void check_path(struct net_room *r, const char *family, const double *lambda,
                       size_t count)
{
    static const double alpha[] = {1, 0.5, 0};
    for (int i = 0; i < 3; i++) {
        struct net_fit f;
        const char *name = arena_printf(r->m.cx.arena, "%s%d", family, (int)(100 * alpha[i]));
        r->s.alpha = alpha[i];
        r->s.lambda = lambda;
        r->s.lambda_count = count;
        check_ok(&r->m.cx, net_fit_make(&f, &r->m.cx, &r->s));
        for (size_t b = 0; b < count * NET_K; b++) {
            double want =
                model_reference(&r->m, arena_printf(r->m.cx.arena, "%s_b%zu", name, b));
            if (fabs(f.b[b] - want) > 1e-7 * fabs(want) + 1e-10)
                fail_msg("%s_b%zu: got %.15g, want %.15g", name, b, f.b[b], want);
        }
        model_near(&r->m, f.error, arena_printf(r->m.cx.arena, "%s_cv", name), count, 1e-7);
        model_near(&r->m, f.error_se, arena_printf(r->m.cx.arena, "%s_sd", name), count, 1e-7);
        for (size_t l = 0; l < count; l++)
            assert_true(f.error[f.best] <= f.error[l]);
        assert_true(f.best_1se <= f.best &&
                    f.error[f.best_1se] <= f.error[f.best] + f.error_se[f.best]);
    }
}

static void test_squares(void **state)
{
    (void)state;
    /* Coefficients of five penalties, cross-validated errors and their errors are glmnet's, for
     * lasso, half and ridge, with columns of very different size. */
    static const double lambda[] = {0.2, 0.1, 0.05, 0.01, 0.002};
    struct net_room r;
    open_net(&r);
    check_path(&r, "net", lambda, 5);
    check_close(&r.m.cx);
}

static void test_logit(void **state)
{
    (void)state;
    /* The same of a logit. */
    static const double lambda[] = {0.05, 0.02, 0.005};
    struct net_room r;
    open_net(&r);
    r.s.model.family = MODEL_LOGIT;
    r.s.model.y = r.m.poor;
    check_path(&r, "netl", lambda, 3);
    check_close(&r.m.cx);
}

static void test_path(void **state)
{
    (void)state;
    /* The path made here is glmnet's; its first penalty keeps no column. With weights, and the
     * outcome in its own units, the lasso is glmnet's too. */
    static const double two[] = {300, 50};
    struct net_room r;
    struct net_fit f;
    open_net(&r);
    r.s.alpha = 1;
    r.s.folds = 0;
    check_ok(&r.m.cx, net_fit_make(&f, &r.m.cx, &r.s));
    assert_true(f.count == 100 && !f.error);
    check_near(f.lambda[0], model_reference(&r.m, "net_lambda0"), 1e-9);
    check_near(f.lambda[1], model_reference(&r.m, "net_lambda1"), 1e-9);
    check_near(f.lambda[29], model_reference(&r.m, "net_lambda2"), 1e-9);
    for (size_t j = 1; j < NET_K; j++)
        assert_true(fabs(f.b[j]) < 1e-12);
    r.s.model.y = r.m.rows.x.y;
    r.s.model.w = r.m.rows.x.w;
    r.s.lambda = two;
    r.s.lambda_count = 2;
    check_ok(&r.m.cx, net_fit_make(&f, &r.m.cx, &r.s));
    for (size_t b = 0; b < (size_t)2 * NET_K; b++) {
        double want = model_reference(&r.m, arena_printf(r.m.cx.arena, "netw_b%zu", b));
        assert_true(fabs(f.b[b] - want) <= 1e-7 * fabs(want) + 1e-8);
    }
    check_close(&r.m.cx);
}

static void test_no_penalty(void **state)
{
    (void)state;
    /* At penalty zero it is the plain fit, of squares and of the logit; made folds keep
     * clusters together, so the same seed gives the same errors and another seed others. */
    static const double zero[] = {0};
    struct net_room r;
    struct net_fit f, again;
    struct model_fit plain;
    open_net(&r);
    r.s.alpha = 0.3;
    r.s.lambda = zero;
    r.s.lambda_count = 1;
    r.s.fold = NULL;
    r.s.seed = 5;
    r.s.model.cluster = r.m.rows.psu;
    r.s.model.cluster_count = r.s.model.n;
    for (int i = 0; i < 2; i++) {
        r.s.model.family = i ? MODEL_LOGIT : MODEL_OLS;
        r.s.model.y = i ? r.m.poor : r.y;
        check_ok(&r.m.cx, net_fit_make(&f, &r.m.cx, &r.s));
        check_ok(&r.m.cx, model_fit_make(&plain, &r.m.cx, &r.s.model));
        for (size_t j = 0; j < NET_K; j++)
            check_near(f.b[j], plain.b[j], 1e-7);
        check_ok(&r.m.cx, net_fit_make(&again, &r.m.cx, &r.s));
        assert_true(again.error[0] == f.error[0]);
    }
    r.s.seed = 6;
    check_ok(&r.m.cx, net_fit_make(&again, &r.m.cx, &r.s));
    assert_true(again.error[0] != f.error[0]);
    check_close(&r.m.cx);
}

static void test_refusals(void **state)
{
    (void)state;
    /* Wrong mixes, penalties, folds, families and outcomes are refused with a sentence. */
    static const double rising[] = {0.1, 0.2};
    struct net_room r;
    struct net_fit f;
    open_net(&r);
    struct net_spec good = r.s;
    r.s.alpha = 1.5;
    check_refused(&r.m.cx, net_fit_make(&f, &r.m.cx, &r.s), RC_INVALID);
    r.s = good;
    r.s.lambda = rising;
    r.s.lambda_count = 2;
    check_refused(&r.m.cx, net_fit_make(&f, &r.m.cx, &r.s), RC_INVALID);
    r.s = good;
    r.s.folds = 1;
    check_refused(&r.m.cx, net_fit_make(&f, &r.m.cx, &r.s), RC_INVALID);
    r.s = good;
    r.s.model.family = MODEL_POISSON;
    check_refused(&r.m.cx, net_fit_make(&f, &r.m.cx, &r.s), RC_INVALID);
    r.s = good;
    r.s.model.family = MODEL_LOGIT;
    check_refused(&r.m.cx, net_fit_make(&f, &r.m.cx, &r.s), RC_INVALID);
    r.s = good;
    r.s.model.x += 1;
    r.s.model.k -= 1;
    check_refused(&r.m.cx, net_fit_make(&f, &r.m.cx, &r.s), RC_INVALID);
    check_close(&r.m.cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_squares),  cmocka_unit_test(test_logit),
        cmocka_unit_test(test_path),     cmocka_unit_test(test_no_penalty),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
