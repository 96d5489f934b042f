/* Terms of the likelihoods by row, and the means of the families with their slopes. */
#include "stats/model_inner.h"

#include "stats/inner.h"

static double density(double t)
{
    return exp(-t * t / 2) / sqrt(2 * M_PI);
}

static double below(double t) /* P(Z <= t) */
{
    return erfc(-t * M_SQRT1_2) / 2;
}

/* Density over P(Z <= t); for a far tail its asymptotic series. */
static double mills(double t)
{
    if (t > -30)
        return density(t) / below(t);
    double q = 1 / (t * t);
    return -t / (1 - q * (1 - 3 * q * (1 - 5 * q)));
}

static struct model_term term_logit(double y, double eta)
{
    double e = exp(-fabs(eta)), p = (eta >= 0 ? 1 : e) / (1 + e);
    return (struct model_term){(y > 0.5 ? eta : 0) - (eta > 0 ? eta : 0) - log1p(e), y - p,
                               e / ((1 + e) * (1 + e))};
}

static struct model_term term_probit(double y, double eta)
{
    double sign = y > 0.5 ? 1 : -1, t = sign * eta, m = mills(t);
    double likelihood = t > -30 ? log(below(t)) : -t * t / 2 - log(m) - log(2 * M_PI) / 2;
    return (struct model_term){likelihood, sign * m, mills(eta) * mills(-eta)};
}

static struct model_term term_cloglog(double y, double eta)
{
    double p = exp(eta < 700 ? eta : 700), miss = exp(-p), mu = -expm1(-p);
    if (y > 0.5)
        return (struct model_term){mu > 0 ? log(mu) : eta, mu > 0 ? p * miss / mu : 1,
                                   mu > 0 ? p * p * miss / mu : p};
    return (struct model_term){-p, -p, mu > 0 ? p * p * miss / mu : p};
}

static struct model_term term_poisson(double y, double eta)
{
    double mu = exp(eta);
    return (struct model_term){y * eta - mu, y - mu, mu};
}

struct model_term model_term(enum model_family family, double y, double eta)
{
    switch (family) {
    case MODEL_LOGIT:
        return term_logit(y, eta);
    case MODEL_PROBIT:
        return term_probit(y, eta);
    case MODEL_CLOGLOG:
        return term_cloglog(y, eta);
    case MODEL_POISSON:
        return term_poisson(y, eta);
    case MODEL_OLS:
    case MODEL_QUANTILE:
        break;
    }
    return (struct model_term){-(y - eta) * (y - eta) / 2, y - eta, 1};
}

double model_mean(enum model_family family, double link)
{
    switch (family) {
    case MODEL_LOGIT:
        return 1 / (1 + exp(-link));
    case MODEL_PROBIT:
        return below(link);
    case MODEL_CLOGLOG:
        return -expm1(-exp(link));
    case MODEL_POISSON:
        return exp(link);
    case MODEL_OLS:
    case MODEL_QUANTILE:
        break;
    }
    return link;
}

double model_mean_slope(enum model_family family, double link)
{
    double p;
    switch (family) {
    case MODEL_LOGIT:
        p = model_mean(family, link);
        return p * (1 - p);
    case MODEL_PROBIT:
        return density(link);
    case MODEL_CLOGLOG:
        return exp(link - exp(link));
    case MODEL_POISSON:
        return exp(link);
    case MODEL_OLS:
    case MODEL_QUANTILE:
        break;
    }
    return 1;
}

double model_mean_bend(enum model_family family, double link)
{
    double p;
    switch (family) {
    case MODEL_LOGIT:
        p = model_mean(family, link);
        return p * (1 - p) * (1 - 2 * p);
    case MODEL_PROBIT:
        return -link * density(link);
    case MODEL_CLOGLOG:
        return exp(link - exp(link)) * (1 - exp(link));
    case MODEL_POISSON:
        return exp(link);
    case MODEL_OLS:
    case MODEL_QUANTILE:
        break;
    }
    return 0;
}
