/* Which character separates the cells of a text file. */
#include "frame/csv.h"

enum { ROWS_LOOKED_AT = 100 };

/* Counts `delimiter` per record outside quotation marks; returns the number of records. */
static size_t count_rows(unsigned *counts, struct str s, char delimiter)
{
    size_t rows = 0;
    unsigned count = 0;
    bool quoted = false, cell_start = true, any = false;
    for (size_t i = 0; i < s.len && rows < ROWS_LOOKED_AT; i++) {
        char c = s.p[i];
        if (quoted) {
            quoted = c != '"';
            continue;
        }
        if (c == '"' && cell_start) {
            quoted = any = true;
        } else if (c == '\n' || c == '\r') {
            if (any)
                counts[rows++] = count;
            count = 0;
            any = false;
            cell_start = true;
            continue;
        } else {
            count += c == delimiter;
            any = true;
        }
        cell_start = c == delimiter;
    }
    /* A cut last record counts only when it is the only one. */
    if (rows == 0 && any)
        counts[rows++] = count;
    return rows;
}

/* How many rows have the most frequent count above zero, and that count. */
static void most_frequent(size_t *rows_out, unsigned *count_out, const unsigned *counts,
                          size_t rows)
{
    *rows_out = 0;
    *count_out = 0;
    for (size_t i = 0; i < rows; i++) {
        size_t same = 0;
        for (size_t j = 0; j < rows; j++)
            same += counts[j] == counts[i];
        if (counts[i] > 0 &&
            (same > *rows_out || (same == *rows_out && counts[i] > *count_out))) {
            *rows_out = same;
            *count_out = counts[i];
        }
    }
}

char csv_guess_delimiter(struct str sample, bool prefer_tab)
{
    static const char candidates[] = {',', '\t', ';', '|'};
    char best = prefer_tab ? '\t' : ',';
    size_t best_rows = 0;
    unsigned best_count = 0;
    for (size_t i = 0; i < sizeof candidates; i++) {
        unsigned counts[ROWS_LOOKED_AT];
        size_t same;
        unsigned count;
        size_t rows = count_rows(counts, sample, candidates[i]);
        most_frequent(&same, &count, counts, rows);
        if (same * 4 < rows)
            continue; /* a stray character in a file of one column, not a delimiter */
        bool tie = same == best_rows && count == best_count && best_rows > 0;
        if (same > best_rows || (same == best_rows && count > best_count) ||
            (tie && prefer_tab && candidates[i] == '\t')) {
            best = candidates[i];
            best_rows = same;
            best_count = count;
        }
    }
    return best;
}
