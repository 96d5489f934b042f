/* The commands of the program. Each gets argv[0] = its own name and returns an exit code of
 * base/option.h. Commands marked NEEDS_DB in main.c find the database open: cx has dir, pool,
 * db, profile and vault; single-threaded; cx->actor is NULL (the system). */
#ifndef WEB_COMMANDS_H
#define WEB_COMMANDS_H

#include "base/cx.h"

int init_cmd(struct cx *cx, int argc, char **argv); /* web/init_cmd.c */
int market_cmd(struct cx *cx, int argc, char **argv);
int serve_cmd(struct cx *cx, int argc, char **argv);    /* web/serve_cmd.c */
int import_cmd(struct cx *cx, int argc, char **argv);   /* register/import_cmd.c */
int export_cmd(struct cx *cx, int argc, char **argv);   /* register/export_cmd.c */
int snapshot_cmd(struct cx *cx, int argc, char **argv); /* register/snapshot_cmd.c */
int user_cmd(struct cx *cx, int argc, char **argv);     /* people/user_cmd.c */
int verify_cmd(struct cx *cx, int argc, char **argv);   /* web/verify_cmd.c */
int profile_cmd(struct cx *cx, int argc, char **argv);  /* profile/profile_cmd.c */
int codebook_cmd(struct cx *cx, int argc, char **argv); /* profile/profile_cmd.c */
int check_cmd(struct cx *cx, int argc, char **argv);    /* register/check_cmd.c */
int compare_cmd(struct cx *cx, int argc, char **argv);  /* register/compare_cmd.c */
int area_cmd(struct cx *cx, int argc, char **argv);     /* register/area_cmd.c */
int poverty_cmd(struct cx *cx, int argc, char **argv);  /* insight/poverty_cmd.c */
int mpi_cmd(struct cx *cx, int argc, char **argv);      /* insight/mpi_cmd.c */
int describe_cmd(struct cx *cx, int argc, char **argv); /* insight/describe_cmd.c */
int tabulate_cmd(struct cx *cx, int argc, char **argv); /* insight/tabulate_cmd.c */
int regress_cmd(struct cx *cx, int argc, char **argv);  /* insight/regress_cmd.c */
int demo_cmd(struct cx *cx, int argc, char **argv);     /* web/demo_cmd.c */

#endif
