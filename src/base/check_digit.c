/* Check digits: ISO 7064 MOD 11-2 and Luhn. */
#include "base/check_digit.h"

char check_mod11_2_of(struct str digits)
{
    unsigned p = 0;
    for (size_t i = 0; i < digits.len; i++) {
        unsigned digit = (unsigned)(unsigned char)digits.p[i] - '0';
        if (digit > 9)
            return 0;
        p = (p + digit) * 2 % 11;
    }
    /* The sum with the check character must be 1 modulo 11. */
    return digits.len ? "0123456789X"[(12 - p) % 11] : '\0';
}

char check_luhn_of(struct str digits)
{
    unsigned sum = 0;
    for (size_t i = 0; i < digits.len; i++) {
        unsigned digit = (unsigned)(unsigned char)digits.p[digits.len - 1 - i] - '0';
        if (digit > 9)
            return 0;
        /* Counted from the right, the digit next to the check digit is doubled first. */
        unsigned twice = digit * 2;
        sum += i % 2 ? digit : twice / 10 + twice % 10;
    }
    return digits.len ? "0123456789"[(10 - sum % 10) % 10] : '\0';
}

static bool last_is(struct str s, char (*of)(struct str))
{
    if (s.len < 2)
        return false;
    char want = of((struct str){s.p, s.len - 1});
    return want && s.p[s.len - 1] == want;
}

bool check_mod11_2(struct str s)
{
    return last_is(s, check_mod11_2_of);
}

bool check_luhn(struct str s)
{
    return last_is(s, check_luhn_of);
}
