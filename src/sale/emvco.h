/* Merchant QR texts after EMVCo (QR Code Specification for Payment Systems, Merchant-Presented
 * Mode): fields of two digits id, two digits length in characters, value; the last is 63, a CRC
 * over all UTF-8 bytes before it. Such a code only asks for money: money is real when the
 * bank's line or the acquirer's message is matched. */
#ifndef SALE_EMVCO_H
#define SALE_EMVCO_H

#include "base/cx.h"

enum { EMVCO_CHARS_MAX = 512 };

struct emvco {
    const char *account_id, *account; /* template 26: globally unique id, the seller's number */
    const char *account_reference;    /* template 26, 02; NULL */
    const char *category;             /* four digits (ISO 18245) */
    const char *currency;             /* three digits (ISO 4217): "156" */
    int64_t amount_minor;             /* 0: static, the payer types it in */
    unsigned decimals;                /* of the currency */
    const char *country;              /* "CN" */
    const char *name, *city;          /* in Latin letters; at most 25 and 15 characters */
    const char *bill, *reference;     /* 62: 01, 05; NULL */
    const char *terminal;             /* 62: 07; NULL */
    const char *lang, *lang_name, *lang_city; /* 64: "zh", at most 25 and 15 characters; NULL */
};
/* RC_INVALID with a sentence when a field is missing or too long, or the whole is. */
enum rc emvco_text(const char **out, struct cx *cx, const struct emvco *e) MUST_USE;
/* CRC-16/CCITT-FALSE: polynomial 1021, begins with FFFF, nothing reflected. */
uint16_t emvco_crc(struct str s);
/* Does the text end in "6304" and its right CRC? */
bool emvco_crc_right(struct str text);
/* The three digits of an ISO 4217 code ("CNY" -> "156"); NULL: not in our list. */
const char *emvco_currency(const char *code);

#endif
