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
    {"case.view", N_("See cases")},
    {"case.check", N_("Take tips and work on cases in villages")},
    {"case.compare", N_("Compare the data of cases with departments")},
    {"case.review", N_("Review cases for a township")},
    {"case.decide", N_("Decide cases for the county")},
    {"flow.repair", N_("Set stranded cases into a state")},
    {"grievance.answer", N_("Answer grievances")},
    {"task.view", N_("See tasks of areas")},
    {"task.give", N_("Give tasks")},
    {"org.manage", N_("Manage organisations and helpers")},
    {"meeting.run", N_("Hold meetings")},
    {"resource.manage", N_("Manage the resource book")},
    {"paper.edit", N_("Enter policy papers")},
    {"plan.edit", N_("Record needs and write help plans")},
    {"plan.approve", N_("Approve help plans")},
    {"measure.run", N_("Carry out measures of help")},
    {"work.manage", N_("Manage vacancies, loans and offers")},
    {"alert.view", N_("See alerts")},
    {"alert.handle", N_("Check alerts")},
    {"alert.disaster", N_("Begin and end disaster mode")},
    {"notice.manage", N_("Set how notices are sent")},
    {"shop.own", N_("Sell in an own shop of the market")},
    {"shop.assist", N_("Help sellers who agreed to it")},
    {"shop.manage", N_("Look after sellers and shops of the market")},
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
