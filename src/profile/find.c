/* Finding things in a loaded profile. */
#include "profile/profile.h"

#include "profile/profile_impl.h"

#include <string.h>

const struct indicator *profile_indicator(const struct profile *p, enum subject subject,
                                          struct str code)
{
    int32_t at = names_get(&p->own->indicators[subject], code);
    return at < 0 ? NULL : p->of[subject][at];
}

const struct indicator *profile_indicator_number(const struct profile *p, int32_t number)
{
    size_t low = 0, high = p->indicator_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (p->indicators[middle].number == number)
            return &p->indicators[middle];
        if (p->indicators[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct code_list *profile_list(const struct profile *p, struct str name)
{
    int32_t at = names_get(&p->own->lists, name);
    return at < 0 ? NULL : &p->lists[at];
}

const struct code *code_of(const struct code_list *list, int64_t code)
{
    const struct code *const *by_number = list->index->by_number;
    size_t low = 0, high = list->code_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (by_number[middle]->code == code)
            return by_number[middle];
        if (by_number[middle]->code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

bool code_in_era(const struct code *code, const char *era)
{
    if (!*code->era)
        return true;
    for (struct str rest = str_of(code->era); rest.p;)
        if (str_eq_z(str_trim(str_cut(&rest, ' ')), era))
            return true;
    return false;
}

/* "1 Head", "01-户主", "(1)户主": the number and the same code's spelling. */
static const struct code *numbered(const struct code_list *list, struct str key)
{
    size_t digits = 0, from = key.len && key.p[0] == '(';
    int64_t number = 0;
    for (digits = from; digits < key.len && digits < 10; digits++) {
        if (key.p[digits] < '0' || key.p[digits] > '9')
            break;
        number = number * 10 + (key.p[digits] - '0');
    }
    const struct code *c = digits > from ? code_of(list, number) : NULL;
    if (!c)
        return NULL;
    struct str rest = {key.p + digits, key.len - digits};
    while (rest.len && memchr("-.:_)", rest.p[0], 5)) {
        rest.p++;
        rest.len--;
    }
    if (str_starts(rest, STR("、"))) {
        rest.p += 3;
        rest.len -= 3;
    }
    int32_t at = rest.len ? names_get(&list->index->spellings, rest) : -1;
    /* "01" alone is code 1 too. */
    return (rest.len == 0 && from == 0) || (at >= 0 && &list->codes[at] == c) ? c : NULL;
}

const struct code *code_parse(const struct code_list *list, struct cx *cx, struct str text)
{
    (void)cx; /* spellings are known in every language */
    int32_t at = names_get(&list->index->spellings, text);
    if (at >= 0)
        return &list->codes[at];
    char buffer[SPELLING_BYTES];
    struct str key = {buffer, 0};
    if (!spelling_key(buffer, &key.len, text) || !key.len)
        return NULL;
    at = names_get(&list->index->spellings, key);
    return at >= 0 ? &list->codes[at] : numbered(list, key);
}

const struct income_kind *profile_income(const struct profile *p, int64_t number)
{
    size_t low = 0, high = p->income_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct income_kind *kind = p->own->incomes_by_number[middle];
        if (kind->number == number)
            return kind;
        if (kind->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct income_kind *profile_income_code(const struct profile *p, struct str code)
{
    int32_t at = names_get(&p->own->incomes, code);
    return at < 0 ? NULL : &p->incomes[at];
}

const struct role *profile_role(const struct profile *p, struct str code)
{
    int32_t at = names_get(&p->own->roles, code);
    return at < 0 ? NULL : &p->roles[at];
}

const struct mapping *profile_mapping(const struct profile *p, struct str name)
{
    for (size_t i = 0; i < p->mapping_count; i++)
        if (str_eq_z(name, p->mappings[i]->name))
            return p->mappings[i];
    return NULL;
}

static const struct threshold *threshold_in(const struct profile *p, struct str code,
                                            struct str area, int32_t day)
{
    for (size_t i = 0; i < p->threshold_count; i++) {
        const struct threshold *t = &p->thresholds[i];
        if (str_eq_z(code, t->code) && str_eq_z(area, t->area_code) && t->from_day <= day &&
            day <= t->to_day)
            return t;
    }
    return NULL;
}

const struct threshold *profile_threshold(const struct profile *p, struct str code,
                                          const struct str *area_codes, size_t area_code_count,
                                          int32_t day)
{
    for (size_t i = 0; i < area_code_count; i++) {
        const struct threshold *t =
            area_codes[i].len ? threshold_in(p, code, area_codes[i], day) : NULL;
        if (t)
            return t;
    }
    return threshold_in(p, code, STR(""), day);
}
