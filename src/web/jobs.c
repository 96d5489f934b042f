/* The server's jobs: imports, runs of the data checks, and the nightly verification. */
#include "web/jobs.h"

#include "base/log.h"
#include "base/text.h"
#include "register/apply.h"
#include "register/check.h"
#include "register/compare.h"
#include "register/import.h"
#include "store/store.h"

#include <assert.h>

enum { KINDS_MAX = 16, NIGHT_S = 24 * 3600, NIGHT_SAMPLE = 500 };

/* Reads every document, checks the journal's chain and counts, and compares a sample of
 * households. A fault fails the job, which the status page shows; `fumin verify` lists the
 * faults. */
static enum rc verify_nightly(struct cx *cx, const struct job *job)
{
    int64_t documents, document_faults;
    struct verify_fault *faults;
    size_t fault_count;
    (void)job;
    TRY(store_verify(&documents, &document_faults, cx));
    TRY(register_verify(&faults, &fault_count, cx, NIGHT_SAMPLE));
    log_event(LOG_LEVEL_INFO, "verified",
              "documents=%" PRId64 " document_faults=%" PRId64 " faults=%zu", documents,
              document_faults, fault_count);
    if (document_faults || fault_count)
        return fail(
            cx, RC_INVALID,
            _("Something does not agree any more: run `fumin verify` and keep the backups."),
            "verify found faults");
    return RC_OK;
}

static const struct job_kind own_kinds[] = {{"office.verify", verify_nightly, 1}};

const struct job_kind *jobs_all(size_t *count)
{
    static struct job_kind all[KINDS_MAX];
    static size_t filled;
    assert(import_job_kind_count + check_job_kind_count + compare_job_kind_count + 1 <=
           KINDS_MAX);
    if (!filled) {
        memcpy(all, import_job_kinds, import_job_kind_count * sizeof *all);
        filled = import_job_kind_count;
        memcpy(all + filled, check_job_kinds, check_job_kind_count * sizeof *all);
        filled += check_job_kind_count;
        memcpy(all + filled, compare_job_kinds, compare_job_kind_count * sizeof *all);
        filled += compare_job_kind_count;
        all[filled++] = own_kinds[0];
    }
    *count = filled;
    return all;
}

enum rc jobs_register(struct cx *cx)
{
    TRY(job_every(cx, "check.nightly", "", NIGHT_S));
    return job_every(cx, "office.verify", "", NIGHT_S);
}
