/* The market's process: its pages, what it does by itself, and the bridge between it and the
 * office. The market never opens the register nor its key; the office's process carries letters
 * (work/outbox.h) and the areas to it. */
#ifndef WEB_MARKET_H
#define WEB_MARKET_H

#include "web/app.h"
#include "web/page.h"
#include "work/job.h"

/* Has the market of DIR been opened before? */
bool market_exists(struct cx *cx, const char *root);
/* The folder of the market of DIR. */
const char *market_dir(struct cx *cx, const char *root);
/* Joins the rooms of the market: kinds of deadlines, letters, clocks (app_open does it). */
void market_begin(void);
/* Its kinds of jobs. */
const struct job_kind *market_jobs_all(size_t *count);
/* Those that come again. */
enum rc market_jobs_register(struct cx *cx) MUST_USE;
/* The market's routes, joined; static memory. */
const struct route *market_routes_all(size_t *count);

/* ---- the bridge, in the office's process ---- */
/* Opens the market's database and keys beside the office's; the clock "bridge" of jobs.c then
 * carries. Without it nothing is carried. */
struct bridge;
enum rc bridge_open(struct bridge **out, struct cx *cx, const char *root) MUST_USE;
void bridge_close(struct bridge *b);
/* The market's keys, for passes (people/user_pass.h); NULL: no bridge. */
const struct vault *bridge_vault(void);
/* Carries letters both ways and, every ten minutes and at first, the areas. For the clock and
 * for tests; RC_OK when no bridge is open. */
enum rc bridge_carry(struct cx *cx) MUST_USE;
/* The market's database as seen from the office: areas that are new or changed since. *changed
 * counts. */
enum rc areas_copy(int64_t *changed, struct cx *office, struct cx *market) MUST_USE;

/* ---- the child, in the office's process ---- */
/* Starts `fumin market` for the same folder as a child that ends with this process. `address`
 * is what it prints (in cx->arena); `more`: further options, NULL at the end. */
enum rc market_spawn(int64_t *pid, const char **address, struct cx *cx, const char *root,
                     const char *listen, const char *const *more) MUST_USE;
/* Asks it to stop, waits, kills. */
void market_stop(int64_t pid, int wait_ms);

#endif
