/* What the files of assemblies share; no other room includes this. */
#ifndef CASEWORK_ASSEMBLY_INNER_H
#define CASEWORK_ASSEMBLY_INNER_H

#include "casework/assembly.h"
#include "casework/case_inner.h"
#include "casework/public_inner.h"
#include "db/db.h"

enum { ASSEMBLY_ITEMS_MAX = 200 };

static inline bool assembly_voted(const struct assembly_item *i)
{
    return i->agree >= 0 && i->disagree >= 0 && i->abstain >= 0;
}
/* The assembly, when the actor may see it. */
enum rc assembly_load(struct assembly *out, struct cx *cx, int64_t id) MUST_USE;
/* … and may write it. */
enum rc assembly_to_write(struct assembly *out, struct cx *cx, int64_t id) MUST_USE;
/* The case of an item and whom it is about; when it belongs to an area now that the actor does
 * not see: f->id 0 and a title that says so. */
enum rc assembly_case(struct flow *f, struct case_subject *s, struct cx *cx,
                      int64_t flow_id) MUST_USE;
enum rc assembly_read_items(struct assembly_item **out, size_t *count, struct cx *cx,
                            const struct assembly *a) MUST_USE;
enum rc assembly_stale(struct cx *cx, int64_t id) MUST_USE;

#endif
