/* Reads gettext's .po and .pot files. Knows msgid, msgid_plural, msgstr, msgstr[0], the flag
 * "fuzzy" (such a translation does not count) and obsolete entries; refuses msgctxt. */
#ifndef TOOLS_COMMON_PO_H
#define TOOLS_COMMON_PO_H

#include "common/tool.h"

struct po_entry {
    const char *path;
    int line;          /* of the msgid */
    char *id;          /* NUL-terminated, unescaped */
    char *id_plural;   /* NULL: no plural */
    char *translation; /* msgstr or msgstr[0]; empty: none */
    char *reference;   /* first "#: file:line", or NULL */
    bool is_fuzzy;
};
struct po {
    struct po_entry *row;
    int count;
};

/* Appends the file's entries, without the header entry. Complains about what it cannot read. */
void po_read(struct po *po, const char *path);

/* Whether a printf format's translation takes the same arguments of the same types, in this
 * order or by number (%2$s). False puts what differs into `why`. */
bool po_same_conversions(const char *source, const char *translation, char *why,
                         size_t why_len);

#endif
