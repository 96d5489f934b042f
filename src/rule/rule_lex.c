/* Cuts a rule's text into words, numbers, days, texts and signs. What a spreadsheet user is
 * likely to type instead (，《≥ ＝ == && “”) is told with what to write. */
#include "rule/rule_impl.h"

#include "base/time.h"
#include "base/utf8.h"

#include <string.h>

static char byte_at(const struct compiler *c, size_t at)
{
    return at < c->in.text.len ? c->in.text.p[at] : '\0';
}

static bool is_digit(char b)
{
    return b >= '0' && b <= '9';
}

static bool is_letter(char b)
{
    return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || b == '_';
}

static struct str slice(const struct compiler *c, size_t at, size_t end)
{
    return (struct str){c->in.text.p + at, end - at};
}

/* Blanks of ASCII, the wide blank of Chinese input, NBSP and BOM; comments to the line's end.
 */
static size_t skip_blanks(const struct compiler *c, size_t at)
{
    static const char *const wide[] = {"\xE3\x80\x80", "\xC2\xA0", "\xEF\xBB\xBF"};
    bool comment = false;
    while (at < c->in.text.len) {
        char b = byte_at(c, at);
        struct str rest = slice(c, at, c->in.text.len);
        size_t step = 1;
        if (b == '\n' || b == '\r')
            comment = false;
        else if (b == '#')
            comment = true;
        else if (!comment && b != ' ' && b != '\t') {
            step = 0;
            for (size_t i = 0; i < 3; i++)
                if (str_starts(rest, str_of(wide[i])))
                    step = strlen(wide[i]);
        }
        if (!step)
            break;
        at += step;
    }
    return at;
}

static size_t digits_end(const struct compiler *c, size_t at)
{
    while (is_digit(byte_at(c, at)))
        at++;
    return at;
}

/* A day or month: four digits, minus, two digits, and so once more, without blanks. */
static enum rc read_date(struct compiler *c, size_t at, size_t year_end)
{
    struct cx *cx = c->cx;
    size_t month_end = digits_end(c, year_end + 1), end = month_end;
    bool is_day = byte_at(c, month_end) == '-' && is_digit(byte_at(c, month_end + 1));
    if (is_day)
        end = digits_end(c, month_end + 1);
    int64_t year = 0, month = 0, day = 1;
    bool good = month_end - year_end == 3 && (!is_day || end - month_end == 3) &&
                str_to_i64(&year, slice(c, at, year_end)) &&
                str_to_i64(&month, slice(c, year_end + 1, month_end)) &&
                (!is_day || str_to_i64(&day, slice(c, month_end + 1, end))) && year >= 1800 &&
                year <= 2200;
    struct date date = {(int32_t)year, (int32_t)month, (int32_t)day};
    if (!good || !date_valid(date))
        return rule_fail(c, at, end - at,
                         _("“%s” is not a day or a month. Write a day as 2026-11-23, a month "
                           "as 2026-11; to subtract, write blanks around the minus"),
                         rule_excerpt_at(c, at, end - at));
    c->in.now.kind = is_day ? TOKEN_DAY : TOKEN_MONTH;
    c->in.now.value = is_day ? day_of(date) : year * 12 + month - 1;
    c->in.next = end;
    return RC_OK;
}

static enum rc read_number(struct compiler *c, size_t at)
{
    struct cx *cx = c->cx;
    size_t end = digits_end(c, at), whole = end;
    if (end - at == 4 && byte_at(c, end) == '-' && is_digit(byte_at(c, end + 1)))
        return read_date(c, at, end);
    if (byte_at(c, end) == '.' && is_digit(byte_at(c, end + 1)))
        end = digits_end(c, end + 1);
    if (is_letter(byte_at(c, end)))
        return rule_fail(c, at, end + 1 - at,
                         _("A number is followed by a letter. Write numbers with digits and a "
                           "point only, and names so that they begin with a letter"));
    unsigned decimals = end > whole ? (unsigned)(end - whole - 1) : 0;
    if (decimals > RULE_DECIMALS_MAX || end - at > 200 ||
        !str_to_scaled(&c->in.now.value, slice(c, at, end), decimals))
        return rule_fail(c, at, end - at,
                         _("This number is too long: at most 18 digits can be computed with"));
    c->in.now.kind = TOKEN_NUMBER;
    c->in.now.decimals = decimals;
    c->in.next = end;
    return RC_OK;
}

/* 'text', with '' for a quote inside. */
static enum rc read_text(struct compiler *c, size_t at)
{
    struct cx *cx = c->cx;
    size_t end = at + 1, quotes = 0;
    while (end < c->in.text.len) {
        char b = byte_at(c, end);
        if (b == '\n')
            break;
        if (b == '\'' && byte_at(c, end + 1) != '\'') {
            c->in.now.kind = TOKEN_TEXT;
            c->in.now.text = slice(c, at + 1, end);
            c->in.next = end + 1;
            break;
        }
        quotes += b == '\'';
        end += b == '\'' ? 2 : 1;
    }
    if (c->in.now.kind != TOKEN_TEXT)
        return rule_fail(c, at, 1,
                         _("This quote is not closed: a text ends with ' on the same "
                           "line"));
    if (!quotes)
        return RC_OK;
    char *copy = arena_try(c->cx->arena, c->in.now.text.len + 1);
    if (!copy)
        return fail(c->cx, RC_LIMIT, _("The rule is too large"), "rule text");
    size_t len = 0;
    for (size_t i = 0; i < c->in.now.text.len; i++) {
        copy[len++] = c->in.now.text.p[i];
        i += c->in.now.text.p[i] == '\'';
    }
    c->in.now.text = (struct str){copy, len};
    return RC_OK;
}

static void read_word(struct compiler *c, size_t at)
{
    size_t end = at;
    while (is_letter(byte_at(c, end)) || (end > at && is_digit(byte_at(c, end))) ||
           (end > at && byte_at(c, end) == '.' && is_letter(byte_at(c, end + 1))))
        end++;
    c->in.now.kind = TOKEN_WORD;
    c->in.now.text = slice(c, at, end);
    c->in.next = end;
}

/* What people type and what it should be. Longer ones first. */
static const struct {
    const char *typed, *right;
} instead[] = {
    {"==", "="},     {"!=", "<>"},   {"&&", "and"}, {"||", "or"},   {"=>", ">="},
    {"=<", "<="},    {"><", "<>"},   {"!", "not"},  {"&", "and"},   {"|", "or"},
    {";", ","},      {"[", "("},     {"]", ")"},    {"{", "("},     {"}", ")"},
    {"\"", "'"},     {"`", "'"},     {"，", ","},   {"、", ","},    {"；", ","},
    {"（", "("},     {"）", ")"},    {"【", "("},   {"】", ")"},    {"《", "<"},
    {"》", ">"},     {"〈", "<"},    {"〉", ">"},   {"＜＝", "<="}, {"＞＝", ">="},
    {"＜", "<"},     {"＞", ">"},    {"＝", "="},   {"≠", "<>"},    {"≥", ">="},
    {"≧", ">="},     {"≤", "<="},    {"≦", "<="},   {"⩾", ">="},    {"⩽", "<="},
    {"＋", "+"},     {"－", "-"},    {"−", "-"},    {"–", "-"},     {"—", "-"},
    {"×", "*"},      {"＊", "*"},    {"÷", "/"},    {"／", "/"},    {"‘", "'"},
    {"’", "'"},      {"“", "'"},     {"”", "'"},    {"＇", "'"},    {"＂", "'"},
    {"。", "."},     {"．", "."},    {"…", ".."},   {"～", ".."},   {"＃", "#"},
    {"％", "/ 100"}, {"%", "/ 100"}, {"¥", ""},     {"￥", ""},     {"且", "and"},
    {"并且", "and"}, {"或者", "or"}, {"或", "or"},
};

/* Letters and digits of full width, or words in another script. */
static enum rc strange_words(struct compiler *c, size_t at)
{
    struct cx *cx = c->cx;
    struct str rest = slice(c, at, c->in.text.len);
    uint32_t first = utf8_next(&rest);
    size_t end = (size_t)(rest.p - c->in.text.p);
    if (first == 0xFFFD || first < ' ')
        return rule_fail(c, at, end - at, _("Here is a character that cannot be read"));
    if (utf8_is_wide_alnum(first)) {
        while (rest.len && utf8_is_wide_alnum(utf8_next(&rest)))
            end = (size_t)(rest.p - c->in.text.p);
        struct str normal = utf8_normal(cx, slice(c, at, end), true);
        c->nearest = arena_copy(cx->arena, normal);
        return rule_fail(c, at, end - at,
                         _("“%s” is typed in full width. Switch the input to half width"),
                         rule_excerpt_at(c, at, end - at));
    }
    while (rest.len) {
        uint32_t next = utf8_next(&rest);
        if (next < 0x80 || next == 0xFFFD || (next >= 0x3000 && next < 0x3040) || next > 0xFF00)
            break;
        end = (size_t)(rest.p - c->in.text.p);
    }
    struct str word = slice(c, at, end);
    c->nearest = rule_nearest_name(c, word);
    return rule_fail(c, at, end - at,
                     _("“%s” cannot stand here: names are written with their code, and the "
                       "answers of a list in quotes, like 'A'"),
                     rule_excerpt_at(c, at, end - at));
}

static enum rc strange(struct compiler *c, size_t at)
{
    struct cx *cx = c->cx;
    struct str rest = slice(c, at, c->in.text.len);
    for (size_t i = 0; i < sizeof instead / sizeof *instead; i++) {
        struct str typed = str_of(instead[i].typed);
        if (!str_starts(rest, typed))
            continue;
        if (!*instead[i].right)
            return rule_fail(c, at, typed.len, _("Write amounts without “%s”"),
                             instead[i].typed);
        c->nearest = instead[i].right;
        return rule_fail(c, at, typed.len, _("“%s” is not a sign of this language"),
                         instead[i].typed);
    }
    if ((unsigned char)rest.p[0] >= 0x80 || (unsigned char)rest.p[0] < ' ')
        return strange_words(c, at);
    return rule_fail(c, at, 1, _("“%c” is not a sign of this language"), rest.p[0]);
}

/* The sign at `at`, and how long it is; '\0': none. */
static char sign_at(const struct compiler *c, size_t at, size_t *length)
{
    static const struct {
        char typed[3], sign;
    } two[] = {{"<>", SIGN_NE}, {"<=", SIGN_LE}, {">=", SIGN_GE}, {"..", SIGN_RANGE}};
    char b = byte_at(c, at), next = byte_at(c, at + 1);
    *length = 2;
    for (size_t i = 0; i < 4; i++)
        if (b == two[i].typed[0] && next == two[i].typed[1])
            return two[i].sign;
    *length = 1;
    if ((b == '=' && (next == '=' || next == '>' || next == '<')) || (b == '>' && next == '<'))
        return '\0';
    return b && strchr("()+-*/,=<>", b) ? b : '\0';
}

enum rc rule_read(struct compiler *c)
{
    c->in.last_end = c->in.now.at + c->in.now.length;
    size_t at = skip_blanks(c, c->in.next), length = 0;
    char b = byte_at(c, at), sign;
    c->in.now = (struct token){.kind = TOKEN_END, .at = at};
    c->in.next = at;
    if (at >= c->in.text.len)
        return RC_OK;
    if (is_digit(b))
        TRY(read_number(c, at));
    else if (is_letter(b))
        read_word(c, at);
    else if (b == '\'')
        TRY(read_text(c, at));
    else if ((sign = sign_at(c, at, &length)) != '\0') {
        c->in.now.kind = TOKEN_SIGN;
        c->in.now.sign = sign;
        c->in.next = at + length;
    } else
        return strange(c, at);
    c->in.now.length = c->in.next - at;
    return RC_OK;
}

enum rc rule_read_begin(struct compiler *c, struct str text)
{
    struct cx *cx = c->cx;
    c->in = (struct reader){.text = text};
    if (text.len > RULE_TEXT_MAX)
        return rule_fail(c, RULE_TEXT_MAX, 1,
                         _("The rule is too long: at most %d bytes. Split it into rules with "
                           "names of their own"),
                         RULE_TEXT_MAX);
    size_t bad = utf8_bad_at(text);
    if (bad < text.len)
        return rule_fail(c, bad, 1, _("Here is a character that cannot be read"));
    return rule_read(c);
}

bool rule_sign(const struct compiler *c, char sign)
{
    return c->in.now.kind == TOKEN_SIGN && c->in.now.sign == sign;
}

bool rule_word(const struct compiler *c, const char *word)
{
    return c->in.now.kind == TOKEN_WORD && str_eq_z(c->in.now.text, word);
}

bool rule_before_parenthesis(const struct compiler *c)
{
    struct str rest = slice(c, skip_blanks(c, c->in.next), c->in.text.len);
    return str_starts(rest, STR("(")) || str_starts(rest, STR("（")); /* which will be told */
}

enum rc rule_expect(struct compiler *c, char sign, const char *expected)
{
    if (!rule_sign(c, sign)) {
        if (c->in.now.kind == TOKEN_WORD)
            c->nearest = rule_nearest_word(c, c->in.now.text);
        return rule_fail(c, c->in.now.at, c->in.now.length, "%s", expected);
    }
    return rule_read(c);
}
