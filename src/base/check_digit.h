/* Check digits of numbers. Which number uses which rule is the profile's knowledge. */
#ifndef BASE_CHECK_DIGIT_H
#define BASE_CHECK_DIGIT_H

#include "base/str.h"

/* Whether the last character checks the digits before it by ISO/IEC 7064 MOD 11-2 (10 is
 * written 'X', upper case). False for fewer than 2 characters or any other character.
 * Source: ISO/IEC 7064:2003, 7.1 (pure system MOD 11-2, radix 2, modulus 11); GB 11643-1999,
 * 4.2.2 uses it for citizen identification numbers. */
bool check_mod11_2(struct str s);
/* The check character ('0'..'9', 'X') that belongs behind `digits`; 0 when they are not
 * one or more decimal digits. */
char check_mod11_2_of(struct str digits);

/* Whether the last digit checks those before it by the Luhn formula (bank cards).
 * Source: ISO/IEC 7812-1:2017, annex B. False for fewer than 2 digits or another character. */
bool check_luhn(struct str s);
/* The Luhn digit ('0'..'9') that belongs behind `digits`; 0 when they are not digits. */
char check_luhn_of(struct str digits);

#endif
