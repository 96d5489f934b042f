/* What the estimators of effects share: threads over tasks, small symmetric systems, the
 * chi-square tail, random numbers. */
#include "stats/effect_inner.h"

#include "base/text.h"

#include <pthread.h>
#include <stdatomic.h>

/* ---- tasks ---- */

enum { THREADS_MAX = 64 };
struct run {
    atomic_size_t next;
    size_t count;
    void (*f)(void *arg, size_t i);
    void *arg;
};

static void *run_some(void *arg)
{
    struct run *r = arg;
    for (size_t i; (i = atomic_fetch_add(&r->next, 1)) < r->count;)
        r->f(r->arg, i);
    return NULL;
}

void effect_run(int threads, size_t count, void (*f)(void *arg, size_t i), void *arg)
{
    struct run r = {.count = count, .f = f, .arg = arg};
    pthread_t helper[THREADS_MAX];
    size_t helpers = 0, wanted = threads < 1 ? 0 : (size_t)threads - 1;
    if (wanted > THREADS_MAX)
        wanted = THREADS_MAX;
    /* A helper that cannot be had is done without. */
    while (helpers < wanted && !pthread_create(&helper[helpers], NULL, run_some, &r))
        helpers++;
    (void)run_some(&r);
    for (size_t i = 0; i < helpers; i++)
        pthread_join(helper[i], NULL);
}

/* ---- systems ---- */

size_t spd_factor(double *a, size_t k, bool *dropped)
{
    size_t count = 0;
    for (size_t j = 0; j < k; j++) {
        double pivot = a[j * k + j], own = pivot;
        for (size_t p = 0; p < j; p++)
            pivot -= a[j * k + p] * a[j * k + p];
        bool drop = !(pivot > 1e-11 * own) || !(own > 0);
        double root = drop ? 0 : sqrt(pivot);
        if (dropped)
            dropped[j] = drop;
        count += drop;
        a[j * k + j] = root;
        for (size_t i = j + 1; i < k; i++) {
            double sum = a[i * k + j];
            for (size_t p = 0; p < j; p++)
                sum -= a[i * k + p] * a[j * k + p];
            a[i * k + j] = drop ? 0 : sum / root;
        }
    }
    return count;
}

void spd_solve(const double *l, size_t k, double *b)
{
    for (size_t i = 0; i < k; i++) {
        double sum = b[i];
        for (size_t p = 0; p < i; p++)
            sum -= l[i * k + p] * b[p];
        b[i] = l[i * k + i] > 0 ? sum / l[i * k + i] : 0;
    }
    for (size_t i = k; i-- > 0;) {
        double sum = b[i];
        for (size_t p = i + 1; p < k; p++)
            sum -= l[p * k + i] * b[p];
        b[i] = l[i * k + i] > 0 ? sum / l[i * k + i] : 0;
    }
}

void spd_inverse(double *inverse, const double *l, size_t k)
{
    for (size_t j = 0; j < k; j++) { /* symmetric: row j is column j */
        for (size_t i = 0; i < k; i++)
            inverse[j * k + i] = i == j && l[j * k + j] > 0;
        spd_solve(l, k, inverse + j * k);
    }
}

enum rc effect_room(struct cx *cx, bool ok)
{
    if (ok)
        return RC_OK;
    return fail(cx, RC_LIMIT,
                _("The data are too large for the memory allowed. Take fewer rows, periods or "
                  "covariates."),
                "arena of an effect");
}

/* ---- distributions ---- */

/* The series of the lower incomplete gamma function, or the continued fraction of the upper
 * one. Source: DLMF 8.7.1 and 8.9.2. lgamma_r, because threads may call it. */
double chi2_tail(double x, double df)
{
    double a = df / 2, z = x / 2;
    int sign;
    if (!(x > 0) || !(df > 0))
        return x <= 0 ? 1 : NAN;
    double front = exp(a * log(z) - z - lgamma_r(a, &sign));
    if (z < a + 1) {
        double term = 1 / a, sum = term;
        for (int n = 1; n < 100000 && term > sum * 1e-17; n++)
            sum += term *= z / (a + n);
        return 1 - front * sum;
    }
    double b = z + 1 - a, c = 1e300, d = 1 / b, h = d;
    for (int n = 1; n < 100000; n++) {
        double an = -n * (n - a);
        b += 2;
        d = 1 / (an * d + b);
        c = b + an / c;
        h *= d * c;
        if (fabs(d * c - 1) < 1e-16)
            break;
    }
    return front * h;
}

uint64_t effect_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

double effect_normal(uint64_t *state)
{
    double u = (double)(effect_random(state) >> 11) + 1,
           v = (double)(effect_random(state) >> 11);
    return sqrt(-2 * log(u * 0x1p-53)) * cos(2 * 3.14159265358979323846 * v * 0x1p-53);
}

struct did_sum effect_sum(double value, double se, double level, double df)
{
    double q = student_quantile(0.5 + level / 2, df);
    return (struct did_sum){.value = value,
                            .se = se,
                            .low = value - q * se,
                            .high = value + q * se,
                            .band_low = NAN,
                            .band_high = NAN};
}
