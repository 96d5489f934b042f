/* Settings of a county's office, e.g. that its people are made up. */
#ifndef REGISTER_OFFICE_H
#define REGISTER_OFFICE_H

#include "base/cx.h"

/* The setting, or NULL text when unset. county 0: of the whole database. */
enum rc office_get(const char **value, struct cx *cx, int64_t county, const char *key) MUST_USE;
/* In a write closure. */
enum rc office_set(struct cx *cx, int64_t county, const char *key, const char *value) MUST_USE;

/* A synthetic county holds invented people: every page says so, and its identity numbers carry
 * a check digit shifted by one, which no other county accepts. */
enum rc office_is_synthetic(bool *synthetic, struct cx *cx, int64_t county) MUST_USE;
/* Is any county of this database synthetic? */
enum rc office_any_synthetic(bool *synthetic, struct cx *cx) MUST_USE;

/* Makes the household list's kept columns anew when the profile shows others than before; quick
 * when nothing changed. Outside of a write closure. */
enum rc register_refresh_lists(struct cx *cx) MUST_USE;
/* Makes the facts about identity numbers and phones (facts.c) of people who were recorded
 * before there were any; quick when there are none. Outside of a write closure. */
enum rc register_refresh_facts(struct cx *cx) MUST_USE;

#endif
