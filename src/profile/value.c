/* Values as people read them, as files hold them, and from cells back. value_parse runs for
 * every cell of an import: the usual spellings take one look into a hash map and no memory. */
#include "base/format.h"
#include "base/money.h"
#include "base/time.h"
#include "base/utf8.h"
#include "profile/profile_impl.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

enum {
    NUMBER_BYTES = 64,
    EXPECTED_CODES = 10,
    EXCEL_DAY_MAX = 150000,
    SET_TEXT_MAX = 8192,
    SET_PARTS_MAX = 96
};

/* ---- showing ---- */

static const char *month_text(struct cx *cx, int64_t month, bool plain)
{
    if (plain || cx->lang == LANG_EN)
        return arena_printf(cx->arena, "%04" PRId64 "-%02d", month / 12, (int)(month % 12) + 1);
    return arena_printf(cx->arena, "%" PRId64 "年%d月", month / 12, (int)(month % 12) + 1);
}

static const char *code_label(struct cx *cx, const struct code_list *list, int64_t number)
{
    const struct code *c = code_of(list, number);
    return c ? LABEL(cx, c->label) : arena_printf(cx->arena, "%" PRId64, number);
}

/* The set's codes in the list's order, by label or by number. */
static const char *set_text(struct cx *cx, const struct indicator *ind, int64_t bits,
                            bool plain)
{
    struct buf b;
    buf_init(&b, cx->arena, SET_TEXT_MAX);
    for (size_t i = 0; i < ind->list->code_count; i++) {
        const struct code *c = &ind->list->codes[i];
        if (c->code > CODES_BIT_MAX || !((uint64_t)bits >> c->code & 1))
            continue;
        if (b.len)
            buf_z(&b, plain ? "|" : cx->lang == LANG_ZH ? "、" : ", ");
        if (plain)
            buf_i64(&b, c->code);
        else
            buf_z(&b, LABEL(cx, c->label));
    }
    return arena_copy(cx->arena, buf_view(&b));
}

static const char *with_unit(struct cx *cx, const struct indicator *ind, const char *number)
{
    const char *unit = LABEL(cx, ind->unit_label);
    return *unit ? arena_printf(cx->arena, "%s %s", number, unit) : number;
}

const char *value_show(struct cx *cx, const struct indicator *ind, struct value v)
{
    if (v.kind == VALUE_MISSING)
        return "";
    if (v.kind == VALUE_TEXT)
        return arena_copy(cx->arena, v.s);
    switch (ind->type) {
    case TYPE_INTEGER:
        return with_unit(cx, ind, format_int(cx, v.i));
    case TYPE_DECIMAL:
        return with_unit(cx, ind, format_scaled(cx, v.i, ind->decimals));
    case TYPE_MONEY:
        return with_unit(cx, ind, format_money(cx, v.i, ind->decimals));
    case TYPE_BOOL:
        return v.i ? _("yes") : _("no");
    case TYPE_CODE:
        return code_label(cx, ind->list, v.i);
    case TYPE_CODES:
        return set_text(cx, ind, v.i, false);
    case TYPE_DAY:
        return format_day(cx, (int32_t)v.i);
    case TYPE_MONTH:
        return month_text(cx, v.i, false);
    case TYPE_TEXT:
        return arena_printf(cx->arena, "%" PRId64, v.i);
    }
    return "";
}

/* 1234500 with 4 decimals: "123.45". */
static const char *scaled_text(struct cx *cx, int64_t n, unsigned decimals)
{
    uint64_t scale = 1, size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    for (unsigned i = 0; i < decimals; i++)
        scale *= 10;
    uint64_t rest = size % scale;
    while (rest && rest % 10 == 0) {
        rest /= 10;
        decimals--;
    }
    if (!rest)
        return arena_printf(cx->arena, "%s%" PRIu64, n < 0 ? "-" : "", size / scale);
    return arena_printf(cx->arena, "%s%" PRIu64 ".%0*" PRIu64, n < 0 ? "-" : "", size / scale,
                        (int)decimals, rest);
}

const char *value_plain(struct cx *cx, const struct indicator *ind, struct value v)
{
    if (v.kind == VALUE_MISSING)
        return "";
    if (v.kind == VALUE_TEXT)
        return arena_copy(cx->arena, v.s);
    switch (ind->type) {
    case TYPE_INTEGER:
    case TYPE_BOOL:
    case TYPE_CODE:
    case TYPE_TEXT:
        return arena_printf(cx->arena, "%" PRId64, v.i);
    case TYPE_DECIMAL:
    case TYPE_MONEY:
        return scaled_text(cx, v.i, ind->decimals);
    case TYPE_CODES:
        return set_text(cx, ind, v.i, true);
    case TYPE_DAY:
        return day_iso(cx->arena, (int32_t)v.i);
    case TYPE_MONTH:
        return month_text(cx, v.i, true);
    }
    return "";
}

/* ---- parsing ---- */

/* Exactly three digits stand at p. */
static bool three_digits(const char *p, size_t len)
{
    size_t n = 0;
    while (n < len && n < 4 && p[n] >= '0' && p[n] <= '9')
        n++;
    return n == 3;
}

/* Digits from a cell: full width folded, thousands separators and blanks out. False
 * when it does not fit. */
static bool number_text(char out[NUMBER_BYTES], struct str *number, struct str cell)
{
    char key[SPELLING_BYTES];
    size_t len, n = 0;
    if (!spelling_key(key, &len, cell))
        return false;
    for (size_t i = 0; i < len; i++) {
        if (key[i] == ',' && i && three_digits(key + i + 1, len - i - 1))
            continue;
        if (n == NUMBER_BYTES)
            return false;
        out[n++] = key[i];
    }
    if (n > 1 && out[0] == '+')
        out[0] = '0';
    *number = (struct str){out, n};
    return n > 0;
}

/* More decimals than wanted are refused, but for those that a computer's floating point leaves:
 * six or more 0 or 9 behind the last wanted digit (12.499999999999998, 0.30000000000000004). */
static bool scaled_noise(int64_t *out, struct str s, unsigned decimals)
{
    size_t point = str_find(s, STR("."));
    if (point == SIZE_MAX || s.len - point - 1 < (size_t)decimals + 8)
        return false;
    struct str head = {s.p, point + 1 + decimals};
    struct str tail = {s.p + head.len, s.len - head.len};
    if (!decimals)
        head.len = point;
    for (size_t i = 0; i < tail.len; i++)
        if (tail.p[i] < '0' || tail.p[i] > '9')
            return false;
    bool up = !memcmp(tail.p, "999999", 6);
    if ((!up && memcmp(tail.p, "000000", 6)) || !str_to_scaled(out, head, decimals))
        return false;
    if (up)
        *out += s.p[0] == '-' ? -1 : 1;
    return *out > INT64_MIN + 1 && *out < INT64_MAX - 1;
}

static bool parse_scaled(int64_t *out, struct str cell, unsigned decimals)
{
    char text[NUMBER_BYTES];
    struct str s;
    if (str_to_scaled(out, cell, decimals))
        return true;
    if (!number_text(text, &s, cell))
        return false;
    return str_to_scaled(out, s, decimals) || scaled_noise(out, s, decimals);
}

static bool parse_money(int64_t *out, struct str cell, unsigned decimals)
{
    return str_to_scaled(out, cell, decimals) || money_parse(out, cell, decimals) ||
           parse_scaled(out, cell, decimals);
}

/* "3.5亩", "1,234.50 yuan": the number without the indicator's own unit. */
static struct str without_unit(const struct indicator *ind, struct str cell)
{
    for (int lang = 0; lang < LANG_COUNT && ind->unit_label.in[lang]; lang++) {
        struct str unit = str_of(ind->unit_label.in[lang]);
        if (unit.len && unit.len < cell.len && str_ends(cell, unit))
            return str_trim((struct str){cell.p, cell.len - unit.len});
    }
    return cell;
}

static bool parse_number(int64_t *out, const struct indicator *ind, struct str cell)
{
    if (ind->type == TYPE_MONEY ? parse_money(out, cell, ind->decimals)
                                : parse_scaled(out, cell, ind->decimals))
        return true;
    struct str bare = without_unit(ind, cell);
    return bare.len < cell.len &&
           (ind->type == TYPE_MONEY ? parse_money(out, bare, ind->decimals)
                                    : parse_scaled(out, bare, ind->decimals));
}

static bool parse_bool(int64_t *out, struct str cell)
{
    static const char *const yes[] = {"1", "是", "yes", "有", "true",
                                      "y", "√",  "已",  "对", "1.0"};
    static const char *const no[] = {"0", "否", "no", "无",   "false",
                                     "n", "×",  "未", "没有", "0.0"};
    char key[SPELLING_BYTES];
    struct str s = {key, 0};
    if (!spelling_key(key, &s.len, cell))
        return false;
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        *out = str_eq_z(s, yes[i]);
        if (*out || str_eq_z(s, no[i]))
            return true;
    }
    return false;
}

/* Bytes of the separator that stands at p, 0 for none. */
static size_t set_separator(struct str s, size_t at)
{
    static const char *const wide[] = {"、", "，", "；", "｜"};
    if (memchr(",;|/", s.p[at], 4))
        return 1;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (str_starts((struct str){s.p + at, s.len - at}, str_of(wide[i])))
            return 3;
    return 0;
}

/* Codes may hold separators in their names ("土地/林权入股"): from each place the longest text
 * that is a code counts. */
static bool parse_set(int64_t *out, struct cx *cx, const struct code_list *list,
                      struct str cell)
{
    size_t ends[SET_PARTS_MAX], widths[SET_PARTS_MAX], count = 0, done = 0;
    uint64_t bits = 0;
    const struct code *whole = code_parse(list, cx, cell);
    if (whole) { /* the usual cell holds one code */
        *out = (int64_t)(1ULL << whole->code);
        return true;
    }
    for (size_t at = 0; at < cell.len; at++) {
        size_t width = set_separator(cell, at);
        if (!width)
            continue;
        if (count + 1 == SET_PARTS_MAX)
            return false;
        ends[count] = at;
        widths[count++] = width;
        at += width - 1;
    }
    ends[count] = cell.len;
    widths[count++] = 0;
    for (size_t from = 0; done < count;) {
        size_t last = count;
        const struct code *c = NULL;
        while (!c && last-- > done)
            c = code_parse(list, cx, str_trim((struct str){cell.p + from, ends[last] - from}));
        bool blank = !str_trim((struct str){cell.p + from, ends[done] - from}).len;
        if (!c && !blank)
            return false;
        if (c)
            bits |= 1ULL << c->code;
        else
            last = done;
        from = ends[last] + widths[last];
        done = last + 1;
    }
    *out = (int64_t)bits;
    return bits != 0;
}

/* A day; plain numbers are Excel's serials where the file has such. */
static bool parse_day(int64_t *out, struct str cell, bool excel_days)
{
    int32_t day;
    double serial;
    if (!day_parse(&day, cell)) {
        if (!excel_days || !str_to_f64(&serial, cell) || serial < 1 ||
            serial > (double)EXCEL_DAY_MAX || !day_from_excel(&day, serial, false))
            return false;
    }
    *out = day;
    return true;
}

/* Up to `max` digits at the beginning of *s; -1 when there are none. */
static int64_t take_digits(struct str *s, size_t max)
{
    int64_t n = 0;
    size_t i = 0;
    for (; i < s->len && i < max && s->p[i] >= '0' && s->p[i] <= '9'; i++)
        n = n * 10 + (s->p[i] - '0');
    s->p += i;
    s->len -= i;
    return i ? n : -1;
}

bool month_parse(int64_t *out, struct str s)
{
    int32_t day;
    struct str rest = s;
    int64_t year = take_digits(&rest, 4);
    if (rest.len && memchr("-/.", rest.p[0], 3)) {
        rest.p++;
        rest.len--;
    } else if (str_starts(rest, STR("年"))) {
        rest.p += 3;
        rest.len -= 3;
    }
    int64_t month = take_digits(&rest, 2);
    if (str_eq(rest, STR("月")))
        rest.len = 0;
    if (!rest.len && year >= 1800 && year <= 2200 && month >= 1 && month <= 12) {
        *out = year * 12 + month - 1;
        return true;
    }
    if (!day_parse(&day, s))
        return false;
    struct date d = day_date(day);
    *out = (int64_t)d.year * 12 + d.month - 1;
    return true;
}

static bool parse_month(int64_t *out, struct str cell, bool excel_days)
{
    int64_t day;
    if (month_parse(out, cell))
        return true;
    if (!parse_day(&day, cell, excel_days))
        return false;
    struct date d = day_date((int32_t)day);
    *out = (int64_t)d.year * 12 + d.month - 1;
    return true;
}

/* ---- what was expected ---- */

static const char *expected_codes(struct cx *cx, const struct indicator *ind)
{
    struct buf b;
    buf_init(&b, cx->arena, SET_TEXT_MAX);
    size_t shown = 0;
    for (size_t i = 0; i < ind->list->code_count; i++) {
        const struct code *c = &ind->list->codes[i];
        if (cx->profile && !code_in_era(c, cx->profile->era))
            continue;
        if (shown == EXPECTED_CODES) {
            buf_z(&b, " …");
            break;
        }
        buf_printf(&b, "%s%" PRId32 " %s", shown++ ? (cx->lang == LANG_ZH ? "，" : ", ") : "",
                   c->code, LABEL(cx, c->label));
    }
    const char *codes = arena_copy(cx->arena, buf_view(&b));
    return ind->type == TYPE_CODE ? arena_printf(cx->arena, _("one of: %s"), codes)
                                  : arena_printf(cx->arena, _("some of: %s"), codes);
}

static const char *expected_number(struct cx *cx, const struct indicator *ind)
{
    const char *low = ind->has_min ? value_plain(cx, ind, value_int(ind->min)) : NULL;
    const char *high = ind->has_max ? value_plain(cx, ind, value_int(ind->max)) : NULL;
    const char *what = _("a whole number");
    if (ind->type == TYPE_MONEY)
        what = _("an amount of money");
    else if (ind->type == TYPE_DAY)
        what = _("a day such as 2026-11-23");
    else if (ind->type == TYPE_MONTH)
        what = _("a month such as 2026-11");
    if ((ind->type == TYPE_DECIMAL || ind->type == TYPE_MONEY) && ind->decimals)
        what = arena_printf(cx->arena,
                            ind->type == TYPE_MONEY
                                ? _("an amount of money with at most %u decimals")
                                : _("a number with at most %u decimals"),
                            ind->decimals);
    if (low && high)
        return arena_printf(cx->arena, _("%s from %s to %s"), what, low, high);
    if (low)
        return arena_printf(cx->arena, _("%s, at least %s"), what, low);
    return high ? arena_printf(cx->arena, _("%s, at most %s"), what, high) : what;
}

static const char *expected_of(struct cx *cx, const struct indicator *ind)
{
    switch (ind->type) {
    case TYPE_BOOL:
        return _("yes or no");
    case TYPE_CODE:
    case TYPE_CODES:
        return expected_codes(cx, ind);
    case TYPE_TEXT:
        return ind->has_max ? arena_printf(cx->arena, _("a text of at most %lld characters"),
                                           (long long)ind->max)
                            : _("a text");
    case TYPE_INTEGER:
    case TYPE_DECIMAL:
    case TYPE_MONEY:
    case TYPE_DAY:
    case TYPE_MONTH:
        return expected_number(cx, ind);
    }
    return "";
}

static bool parse_code(int64_t *out, struct cx *cx, const struct code_list *list,
                       struct str cell)
{
    const struct code *c = code_parse(list, cx, cell);
    double number;
    /* Spreadsheets write the code 3 as 3.0. */
    if (!c && cell.len > 2 && str_to_f64(&number, cell) && number >= 0 && number < 1e9 &&
        number == (double)(int64_t)number)
        c = code_of(list, (int64_t)number);
    *out = c ? c->code : 0;
    return c != NULL;
}

static bool parse_int(int64_t *out, struct cx *cx, const struct indicator *ind, struct str cell,
                      bool excel_days)
{
    switch (ind->type) {
    case TYPE_INTEGER:
    case TYPE_DECIMAL:
    case TYPE_MONEY:
        return parse_number(out, ind, cell);
    case TYPE_BOOL:
        return parse_bool(out, cell);
    case TYPE_CODE:
        return parse_code(out, cx, ind->list, cell);
    case TYPE_CODES:
        return parse_set(out, cx, ind->list, cell);
    case TYPE_DAY:
        return parse_day(out, cell, excel_days);
    case TYPE_MONTH:
        return parse_month(out, cell, excel_days);
    case TYPE_TEXT:
        return false;
    }
    return false;
}

enum rc value_parse(struct value *out, const char **expected, struct cx *cx,
                    const struct indicator *ind, struct str cell, bool excel_days)
{
    struct str s = str_trim(cell);
    int64_t n = 0;
    if (!s.len) {
        *out = value_missing();
        return RC_OK;
    }
    if (ind->type == TYPE_TEXT) {
        if (!ind->has_max || (int64_t)s.len <= ind->max ||
            (int64_t)utf8_length(s) <= ind->max) {
            *out = value_text(s);
            return RC_OK;
        }
    } else if (parse_int(&n, cx, ind, s, excel_days) && (!ind->has_min || n >= ind->min) &&
               (!ind->has_max || n <= ind->max)) {
        *out = value_int(n);
        return RC_OK;
    }
    *expected = expected_of(cx, ind);
    return RC_INVALID;
}
