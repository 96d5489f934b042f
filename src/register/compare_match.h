/* Fellegi–Sunter: what the agreement of two records is worth. Pure: no database, no profile but
 * its starting values.
 *   Each field of a pair has a level of agreement (profile/lists.h), or nothing when one of the
 *   two does not say it; such a field adds nothing.
 *   m = how often records of one person have that level, u = how often two persons' do.
 *   weight = sum of log2(m / u); chance = share 2^weight / (share 2^weight + 1 - share), share
 * = the part of the pairs that are the same person. m, u and share are estimated by EM over the
 * counts of patterns, with the profile's values as pseudo-counts, so that few pairs cannot lead
 * it astray. Source: Fellegi & Sunter 1969, JASA 64(328), 1183–1210; Winkler 1988 (EM);
 * pseudo-counts: the mode under Dirichlet priors (Gelman et al., Bayesian Data Analysis, 13.4).
 */
#ifndef REGISTER_COMPARE_MATCH_H
#define REGISTER_COMPARE_MATCH_H

#include "base/str.h"
#include "profile/lists.h"

enum { MATCH_MISSING = -1, MATCH_PATTERNS = 15625 /* (levels + 1) ^ fields */ };
struct match_levels {
    int8_t of[MATCH_FIELDS]; /* MATCH_MISSING or a level */
};
int match_pattern(struct match_levels l);
struct match_levels match_levels_of(int pattern);

struct match_model {
    double m[MATCH_FIELDS][MATCH_LEVELS], u[MATCH_FIELDS][MATCH_LEVELS];
    double share;
    int rounds;
    bool settled; /* the last round changed nothing above 1e-9 */
};
/* The profile's values; share: a first guess. */
void match_model_begin(struct match_model *out, const struct match_priors *p, double share);
/* Pairs that were not looked at, because nothing spoke for them: two people each. Without them
 * u would be that of pairs chosen for resembling each other. Fractions of a sample scaled up.
 */
struct match_outside {
    double level[MATCH_FIELDS][MATCH_LEVELS], all;
};
/* EM on `counts` (pairs by pattern), from the model's present values; `strength` pairs of each
 * sort speak for the priors (0: plain EM); outside NULL: `counts` are all there are. At most
 * `rounds_max` rounds. */
void match_model_fit(struct match_model *model, const struct match_priors *p,
                     const int64_t counts[MATCH_PATTERNS], const struct match_outside *outside,
                     double strength, int rounds_max);
double match_weight(const struct match_model *model, struct match_levels l);
double match_chance(const struct match_model *model, double weight);

/* ---- levels of two values; MATCH_MISSING where one is not known ---- */

/* Folded names; `a_pinyin`, `b_pinyin` without blanks. A `*` in a name stands for any
 * character. One character different: replaced, left out or added, in names of at least two. */
int match_name(struct str a, struct str a_pinyin, struct str b, struct str b_pinyin);
/* Days; INT32_MIN: not known. Swapped: day and month, or two neighbouring digits, changed
 * places, or one digit of YYYYMMDD differs. */
int match_birth(int32_t a, int32_t b);
/* Codes; 0: not known. */
int match_sex(int32_t a, int32_t b);
/* Paths of areas of one county whose path has `county_len` bytes; the list's may end with the
 * township; "": not known. */
int match_place(struct str listed, struct str own, size_t county_len);
/* Identity numbers, upper case; the list's may hold `*`. Near: at most two digits differ, or
 * two neighbours changed places, or one digit is missing or too many. Visible: every digit that
 * is not masked agrees, at least eight. Ends: the last four. */
int match_identity(struct str listed, struct str own);
/* Blind indexes of phones; len 0: not known. */
int match_phone(struct str a, struct str b);

#endif
