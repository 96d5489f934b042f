/* What the files of the compiler share: the reader of words, values with their types, faults,
 * and the list of instructions being made. Not for other rooms.
 * A text is read once, from left to right; instructions come out at once. Nesting is checked
 * against RULE_DEPTH_MAX before each descent, so that the C stack stays small whatever the
 * input (about 8 frames a level; a chain like 1 + 1 + 1 … is a loop). */
#ifndef RULE_RULE_IMPL_H
#define RULE_RULE_IMPL_H

#include "base/text.h"
#include "rule/code.h"

enum {
    RULE_DECIMALS_MAX = 18,       /* 10^18 is the largest power of ten in an int64 */
    RULE_DIVISION_DECIMALS = 6,   /* a quotient keeps so many, or the dividend's if more */
    RULE_LIST_MAX = 512,          /* values of a list or parts of a function */
    RULE_PROGRAM_INS_MAX = 200000 /* of all texts together */
};

enum token_kind {
    TOKEN_END,
    TOKEN_NUMBER,
    TOKEN_DAY,
    TOKEN_MONTH,
    TOKEN_TEXT,
    TOKEN_WORD,
    TOKEN_SIGN
};
/* Signs of two characters have a letter. */
enum sign { SIGN_NE = 'n', SIGN_LE = 'l', SIGN_GE = 'g', SIGN_RANGE = 'r' };
struct token {
    enum token_kind kind;
    char sign;         /* TOKEN_SIGN: the character itself or enum sign */
    unsigned decimals; /* TOKEN_NUMBER */
    size_t at, length; /* bytes of the text */
    int64_t value;     /* number (scaled), day, month */
    struct str text;   /* TOKEN_WORD; TOKEN_TEXT: between the quotes */
};
struct reader {
    struct str text;
    size_t next; /* byte behind `now` */
    struct token now;
    size_t last_end; /* where the token before `now` ended */
};

/* A value while its text is read. A literal in quotes and `missing` get their type from what
 * they meet. */
enum value_form { VALUE_PLAIN, VALUE_TEXT, VALUE_MISSING };
struct value {
    enum value_form form;
    int32_t ins; /* VALUE_PLAIN */
    struct rule_type type;
    struct str text;   /* VALUE_TEXT */
    size_t at, length; /* where it stands */
};
/* Where names are looked for and for which rows. */
struct scope {
    enum rule_level names; /* plain names begin here */
    enum rule_level rows;  /* the deepest rows an instruction may be for */
    int back;              /* years earlier */
    bool in_fold;          /* inside members( ) or households( ) of this very text */
};
/* A derived rule already read for one kind of rows and year. */
struct derived_made {
    struct derived_made *next;
    enum rule_level rows;
    int back;
    struct value value;
};
/* A derived rule that is being read now, innermost first. */
struct derived_open {
    const struct derived_open *outer;
    const char *name;
};
struct compiler {
    struct cx *cx;
    const struct rule_dictionary *d;
    struct reader in;
    struct scope scope;
    int depth;
    size_t nodes; /* instructions asked for by this text */
    const struct derived_open *open;
    struct derived_made **made; /* by name of the dictionary */
    int32_t *name_hash;         /* open addressing over d->names, -1 free */
    size_t name_hash_size;
    int32_t *name_next;   /* the next dictionary name with the same text, -1 */
    int32_t *name_number; /* by name of the dictionary: place in `names`, -1 */
    const struct rule_name **names;
    size_t name_count;
    struct rule_set *sets;
    size_t set_count, set_cap;
    struct rule_ins *ins;
    size_t ins_count, ins_cap;
    int32_t *ins_hash;
    size_t ins_hash_size;
    struct rule_figures folded; /* what folding constants met */
    bool full;                  /* the arena or RULE_PROGRAM_INS_MAX is full */
    /* the first fault */
    const char *nearest; /* set before rule_fail when there is one */
    const char *message;
    size_t fault_at, fault_length;
    bool fault_inside; /* the message names a place of its own (in a derived rule) */
};

/* ---- rule_lex.c ---- */
/* Begins a text: the first token is read. */
enum rc rule_read_begin(struct compiler *c, struct str text) MUST_USE;
/* Moves to the next token. */
enum rc rule_read(struct compiler *c) MUST_USE;
/* Is the token that sign, that word? */
bool rule_sign(const struct compiler *c, char sign);
bool rule_word(const struct compiler *c, const char *word);
/* Is the character behind the token (without blanks) an opening parenthesis? */
bool rule_before_parenthesis(const struct compiler *c);
/* Passes the sign, or the fault `expected` (translated) where it is missing. */
enum rc rule_expect(struct compiler *c, char sign, const char *expected) MUST_USE;

/* ---- rule_fault.c ---- */
/* Notes the fault (the first wins) and returns RC_INVALID. */
enum rc rule_fail(struct compiler *c, size_t at, size_t length, const char *format, ...)
    __attribute__((format(printf, 4, 5))) MUST_USE;
/* The same at a value. */
enum rc rule_fail_value(struct compiler *c, const struct value *v, const char *format, ...)
    __attribute__((format(printf, 3, 4))) MUST_USE;
/* Line and column of a byte, from 1; columns count characters. */
void rule_line_column(size_t *line, size_t *column, struct str text, size_t at);
/* The text of a value, shortened; in the arena. */
const char *rule_excerpt_at(struct compiler *c, size_t at, size_t length);
const char *rule_excerpt(struct compiler *c, const struct value *v);
/* "a number", "a day" …, translated. */
const char *rule_kind_words(struct compiler *c, enum rule_kind kind);
/* The first labels of a list: "A, B, C …". */
const char *rule_labels(struct compiler *c, const void *list);
/* The label in cx's language of the code that `text` means in the list; NULL: none. */
const char *rule_label_of(struct compiler *c, const void *list, struct str text);
/* The nearest label, name (or its label), or word of the language; NULL: nothing is near. */
const char *rule_nearest_label(struct compiler *c, const void *list, struct str text);
const char *rule_nearest_name(struct compiler *c, struct str text);
const char *rule_nearest_word(struct compiler *c, struct str text);

/* ---- rule_emit.c ---- */
/* The instruction, folded, simplified, or an equal one that stands already. */
int32_t rule_emit(struct compiler *c, struct rule_ins ins);
/* The same for rows of `level`, which is not above its own. */
int32_t rule_lift(struct compiler *c, int32_t ins, enum rule_level level);
bool rule_is_const(const struct compiler *c, int32_t ins, int64_t *k);
bool rule_is_leaf(const struct compiler *c, int32_t ins);
/* The place of a sorted list of codes or numbers among the program's sets. */
int32_t rule_set_add(struct compiler *c, const int64_t *items, size_t count);

/* ---- rule_fold.c ---- */
/* One row of an instruction of OP_NEG … OP_SPREAD whose operands have the values v. */
int64_t rule_fold(struct rule_figures *figures, const struct rule_ins *i,
                  const struct rule_set *sets, const int64_t v[3]);

/* ---- rule_value.c: types ---- */
struct value rule_const(struct compiler *c, enum rule_kind kind, unsigned decimals, int64_t k);
/* An instruction over values of the same rows; `like` gives op, k and decimals. */
struct value rule_apply(struct compiler *c, struct rule_ins like, struct rule_type type,
                        const struct value *args, size_t count);
/* Makes both of one type and number of decimals, for comparing or choosing. */
enum rc rule_unify(struct compiler *c, struct value *a, struct value *b) MUST_USE;
enum rc rule_want_bool(struct compiler *c, struct value *v) MUST_USE;
enum rc rule_want_number(struct compiler *c, struct value *v) MUST_USE;
/* `missing` gets that type; a text in quotes is refused. */
enum rc rule_settle(struct compiler *c, struct value *v, enum rule_kind kind) MUST_USE;
enum rc rule_arithmetic(struct value *out, struct compiler *c, char sign, struct value a,
                        struct value b) MUST_USE;
enum rc rule_compare(struct value *out, struct compiler *c, char sign, struct value a,
                     struct value b) MUST_USE;
/* a (inclusive) to b. */
enum rc rule_between(struct value *out, struct compiler *c, const struct value *x,
                     const struct value *a, const struct value *b) MUST_USE;
enum rc rule_in_list(struct value *out, struct compiler *c, struct value x, struct value *items,
                     size_t count) MUST_USE;
enum rc rule_has(struct value *out, struct compiler *c, const struct value *x, bool all,
                 const struct value *items, size_t count) MUST_USE;
struct value rule_not(struct compiler *c, const struct value *v);
/* A number with that many decimals, not fewer than it has. */
enum rc rule_up(struct compiler *c, struct value *v, unsigned decimals) MUST_USE;
/* The rows of a value that reads none by itself. */
enum rule_level rule_base_rows(const struct compiler *c);
/* After folding: was a constant too large? */
enum rc rule_check_folded(struct compiler *c, const struct value *v) MUST_USE;

/* ---- rule_parse.c ---- */
/* A whole expression; what follows is left. */
enum rc rule_parse(struct value *out, struct compiler *c) MUST_USE;
enum rc rule_parse_sum(struct value *out, struct compiler *c) MUST_USE;
/* "(" part { "," part } ")", the parenthesis is the token. *list is NULL before. */
enum rc rule_parse_list(struct value **list, size_t *count, struct compiler *c,
                        enum rc (*part)(struct value *out, struct compiler *c)) MUST_USE;
/* From the beginning of a text to its end; depth and scope are the compiler's. */
enum rc rule_parse_text(struct value *out, struct compiler *c, struct str text) MUST_USE;
/* One level deeper, or a fault; the caller takes it back. */
enum rc rule_deeper(struct compiler *c) MUST_USE;

/* ---- rule_call.c ---- */
/* A function whose name is the token; false in *found: it is none. */
enum rc rule_parse_call(struct value *out, bool *found, struct compiler *c) MUST_USE;

/* ---- rule_name.c ---- */
/* The dictionary's names by text; once for a program. */
enum rc rule_names_begin(struct compiler *c) MUST_USE;
/* The value of a name (the token, not passed yet). */
enum rc rule_parse_name(struct value *out, struct compiler *c) MUST_USE;

#endif
