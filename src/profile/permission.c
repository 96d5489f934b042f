/* The list of rights, with their labels. */
#include "profile/permission.h"

#include "base/text.h"

const struct permission permissions[] = {
    {"household.view", N_("See households")},
    {"household.reveal", N_("Show identity numbers, phones and bank accounts")},
    {"household.edit", N_("Change households")},
    {"import.run", N_("Import files")},
    {"import.undo", N_("Undo imports")},
    {"export.run", N_("Export lists")},
    {"area.view", N_("See areas")},
    {"area.edit", N_("Change areas")},
    {"user.manage", N_("Manage users")},
    {"audit.view", N_("See who looked at personal data")},
    {"status.view", N_("See the state of the system")},
    {"profile.view", N_("See the profile")},
    {"poverty.view", N_("See poverty figures of areas")},
    {"figure.publish", N_("Publish figures for everybody")},
    {"check.explain", N_("Explain what the checks found")},
    {"compare.run", N_("Compare lists of departments")},
    {"rule.edit", N_("Change rules")},
    {"microdata.request", N_("Ask for de-identified files")},
    {"microdata.approve", N_("Approve de-identified files")},
    {NULL, NULL},
};

const struct permission *permission_find(struct str code)
{
    for (const struct permission *p = permissions; p->code; p++) {
        if (str_eq_z(code, p->code))
            return p;
    }
    return NULL;
}
