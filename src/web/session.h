/* Who is asking: language, session, permission and CSRF of every request, before its handler.
 */
#ifndef WEB_SESSION_H
#define WEB_SESSION_H

#include "web/app.h"
#include "web/page.h"

/* The name of the cookie that holds the session: another one in the market. */
const char *session_cookie(const struct request *q);

/* server_options.before and .failed; `arg` is the struct app. */
enum rc session_before(struct cx *cx, struct request *q, struct response *a,
                       void *arg) MUST_USE;
void session_failed(struct cx *cx, const struct request *q, struct response *a, int status,
                    void *arg);
/* server_options.after: a page's read transaction ends with its answer, so that the next page
 * sees what was written since. */
void session_after(struct cx *cx, void *arg);

/* A local path that is safe to go back to ("/..." and no "//"); else "/". */
const char *session_safe_path(struct cx *cx, struct str path);

#endif
