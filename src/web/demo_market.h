/* The made-up county's market: three shops that sell. */
#ifndef WEB_DEMO_MARKET_H
#define WEB_DEMO_MARKET_H

#include "base/cx.h"

/* cx is the office's, just made. On PostgreSQL without a market's database nothing is done. */
enum rc demo_market_make(struct cx *cx, const char *dir) MUST_USE;

#endif
