/* What can be told of a sealed identity number and phone without telling them: lengths, whether
 * the check character fits, whether birth and sex written in the number agree with the
 * person's. Made when the plain value is at hand, kept in person.identity_facts, read by
 * columns.c. */
#include "base/check_digit.h"
#include "base/text.h"
#include "base/time.h"
#include "db/db.h"
#include "register/apply.sql.h"
#include "register/inner.h"
#include "register/office.h"
#include "register/refresh.sql.h"

#include <string.h>

/* The check character of a made-up county: the one after the right one. */
static bool synthetic_check(struct str number)
{
    static const char order[] = "0123456789X";
    char right = check_mod11_2_of((struct str){number.p, number.len - 1});
    const char *at = right ? strchr(order, right) : NULL;
    return at && number.p[number.len - 1] == order[(at - order + 1) % 11];
}

static bool length_is_used(const struct profile *p, size_t len)
{
    int64_t n;
    if (!p->identity_length || len == (size_t)p->identity_length)
        return true;
    struct str rest = str_of(p->identity_longer);
    while (rest.p)
        if (str_to_i64(&n, str_cut(&rest, ' ')) && (size_t)n == len)
            return true;
    return false;
}

/* Whether the number itself, without what follows it, is well made. */
static int32_t check_facts(const struct profile *p, struct str number)
{
    size_t length = (size_t)p->identity_length;
    if (!length_is_used(p, number.len))
        return 0;
    if (strcmp(p->identity_check, "mod11_2") != 0 || length < 2)
        return FACT_VALID | FACT_VALID_SYNTHETIC;
    struct str core = {number.p, length};
    return (check_mod11_2(core) ? FACT_VALID : 0) |
           (synthetic_check(core) ? FACT_VALID_SYNTHETIC : 0);
}

static int32_t birth_facts(const struct profile *p, struct str number, int32_t birth_day)
{
    size_t at = (size_t)p->identity_birth_at;
    int32_t day;
    if (!at || birth_day == BIRTH_UNKNOWN)
        return 0;
    if (number.len < at + 7 || !day_parse(&day, (struct str){number.p + at - 1, 8}))
        return FACT_BIRTH_COMPARED;
    return FACT_BIRTH_COMPARED | (day == birth_day ? FACT_BIRTH_AGREES : 0);
}

static int32_t sex_facts(const struct profile *p, struct str number, int32_t sex)
{
    size_t at = (size_t)p->identity_sex_at;
    if (!at || !sex || !p->sex_list || p->sex_list->code_count < 2)
        return 0;
    if (number.len < at || number.p[at - 1] < '0' || number.p[at - 1] > '9')
        return FACT_SEX_COMPARED;
    int32_t written = p->sex_list->codes[(number.p[at - 1] - '0') % 2 ? 0 : 1].code;
    return FACT_SEX_COMPARED | (written == sex ? FACT_SEX_AGREES : 0);
}

static int32_t phone_facts(const struct profile *p, struct str phone)
{
    bool digits = true;
    for (size_t i = 0; i < phone.len; i++)
        digits = digits && phone.p[i] >= '0' && phone.p[i] <= '9';
    bool fits = !p->phone_length || (digits && phone.len == (size_t)p->phone_length);
    return FACT_PHONE | (fits ? FACT_PHONE_VALID : 0);
}

int32_t secret_facts(struct cx *cx, struct str identity, struct str phone, int32_t sex,
                     int32_t birth_day)
{
    const struct profile *p = cx->profile;
    int32_t facts = 0;
    if (identity.len > 0) {
        struct str number = secret_fold(cx, identity);
        size_t len = number.len < FACT_LENGTH_MASK ? number.len : FACT_LENGTH_MASK;
        facts = (int32_t)len | check_facts(p, number) | birth_facts(p, number, birth_day) |
                sex_facts(p, number, sex);
    }
    return facts | (phone.len > 0 ? phone_facts(p, secret_fold(cx, phone)) : 0);
}

/* "" when there is none or its key was dropped. */
static enum rc open_one(struct str *plain, struct cx *cx, const struct safe *safe,
                        enum secret which)
{
    *plain = (struct str){"", 0};
    if (!safe->has_key || safe->sealed[which].len == 0)
        return RC_OK;
    return unseal(plain, cx, safe->key, safe->sealed[which], secret_context(which));
}

enum rc member_facts(struct member *m, struct cx *cx, const struct safe *safe)
{
    struct str identity, phone;
    TRY(open_one(&identity, cx, safe, SECRET_IDENTITY));
    TRY(open_one(&phone, cx, safe, SECRET_PHONE));
    m->facts = secret_facts(cx, identity, phone, m->p.sex, m->p.birth_day);
    return RC_OK;
}

/* ---- databases from before the facts ---- */

enum { AT_ONCE = 500 };
static const char setting[] = "identity_facts";

struct refresh {
    int64_t county, id; /* done up to here */
    bool more;
};

static enum rc refresh_chunk(struct cx *cx, void *arg)
{
    struct refresh *r = arg;
    struct {
        int64_t county, id;
    } *list = arena_new(cx->arena, AT_ONCE * sizeof *list);
    size_t count = 0;
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &REFRESH_FACTS_NEXT, V_I(r->county), V_I(r->id), V_I(AT_ONCE)));
    while (db_next(&rows)) {
        list[count].county = row_i64(&rows, REFRESH_FACTS_NEXT_COUNTY);
        list[count++].id = row_i64(&rows, REFRESH_FACTS_NEXT_ID);
    }
    TRY(db_done(&rows));
    for (size_t i = 0; i < count; i++) {
        struct arena_mark mark = arena_mark(cx->arena);
        struct member m;
        struct safe safe;
        TRY(member_load(&m, cx, list[i].county, list[i].id));
        TRY(safe_get(&safe, cx, list[i].county, list[i].id));
        TRY(member_facts(&m, cx, &safe));
        TRY(member_put(cx, &m));
        arena_back(cx->arena, mark);
    }
    r->more = count == AT_ONCE;
    if (!r->more)
        return office_set(cx, 0, setting, "1");
    r->county = list[count - 1].county;
    r->id = list[count - 1].id;
    return RC_OK;
}

enum rc register_refresh_facts(struct cx *cx)
{
    const char *done;
    struct refresh r = {.more = true};
    TRY(office_get(&done, cx, 0, setting));
    if (done)
        return RC_OK;
    while (r.more)
        TRY(db_write(cx, 0, refresh_chunk, &r));
    return RC_OK;
}
