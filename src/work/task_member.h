/* Who works in the organisations of a county today: for forms that ask for an owner. */
#ifndef WORK_TASK_MEMBER_H
#define WORK_TASK_MEMBER_H

#include "base/cx.h"

struct task_member {
    int64_t user_id;
    const char *name, *org;
};
/* By organisation, heads first; at most `max`. */
enum rc task_members(struct task_member **out, size_t *count, struct cx *cx, int64_t county,
                     size_t max) MUST_USE;
/* The tasks that a task comes after. */
enum rc task_befores(int64_t **ids, size_t *count, struct cx *cx, int64_t county,
                     int64_t id) MUST_USE;
/* Does the document belong to the task's thread? */
enum rc task_has_document(bool *has, struct cx *cx, int64_t county, int64_t thread_id,
                          int64_t document_id) MUST_USE;

#endif
