/* All routes of the office, joined once: see routes.h. */
#include "web/routes.h"

#include <assert.h>

/* Each stands at the end of the page file it is named after. */
extern const struct route_table account_routes, sign_in_routes, static_routes, home_routes;
extern const struct route_table household_routes, household_list_routes, source_routes,
    area_routes, area_merge_routes, import_routes, export_routes;
extern const struct route_table map_routes, publish_routes, cause_routes, change_routes,
    microdata_routes, capability_routes;
extern const struct route_table poverty_routes, inequality_routes, dimension_routes,
    poverty_list_routes, rows_routes;
extern const struct route_table check_routes, check_one_routes, check_file_routes,
    check_run_routes, check_parts_routes;
extern const struct route_table compare_routes, difference_routes, compare_review_routes;
extern const struct route_table own_rule_routes, own_edit_routes, own_profile_routes;
extern const struct route_table org_routes, org_edit_routes, helper_routes, reach_routes;
extern const struct route_table meeting_routes, resource_routes, paper_routes;
extern const struct route_table case_routes, case_list_routes, case_parts_routes,
    case_document_routes, case_frozen_routes, case_audit_routes;
extern const struct route_table report_routes, posting_routes, tip_routes, assembly_routes,
    assembly_show_routes, grievance_routes;
extern const struct route_table plan_routes, plan_why_routes, plan_item_routes,
    plan_list_routes, plan_home_routes, plan_paper_routes, need_routes;
extern const struct route_table vacancy_routes, vacancy_one_routes, loan_routes,
    loan_one_routes, offer_routes;
extern const struct route_table alert_routes, alert_rule_routes, disaster_routes;
extern const struct route_table task_routes, task_one_routes, task_new_routes;
extern const struct route_table notice_routes, notice_setting_routes, notice_webhook_routes;
extern const struct route_table gate_office_routes;
extern const struct route_table user_routes, codebook_routes, status_routes, help_routes;

static const struct route_table *const tables[] = {
    &static_routes,         &home_routes,
    &sign_in_routes,        &account_routes,
    &household_routes,      &household_list_routes,
    &source_routes,         &area_routes,
    &area_merge_routes,     &import_routes,
    &export_routes,         &user_routes,
    &codebook_routes,       &map_routes,
    &publish_routes,        &cause_routes,
    &change_routes,         &microdata_routes,
    &capability_routes,     &poverty_routes,
    &inequality_routes,     &dimension_routes,
    &poverty_list_routes,   &rows_routes,
    &status_routes,         &help_routes,
    &check_routes,          &check_one_routes,
    &check_file_routes,     &check_run_routes,
    &check_parts_routes,    &compare_routes,
    &difference_routes,     &compare_review_routes,
    &own_rule_routes,       &own_edit_routes,
    &own_profile_routes,    &case_routes,
    &case_list_routes,      &case_parts_routes,
    &case_document_routes,  &case_frozen_routes,
    &case_audit_routes,     &report_routes,
    &posting_routes,        &tip_routes,
    &assembly_routes,       &assembly_show_routes,
    &grievance_routes,      &org_routes,
    &org_edit_routes,       &helper_routes,
    &reach_routes,          &meeting_routes,
    &resource_routes,       &paper_routes,
    &plan_routes,           &plan_why_routes,
    &plan_item_routes,      &plan_list_routes,
    &plan_home_routes,      &plan_paper_routes,
    &need_routes,           &vacancy_routes,
    &vacancy_one_routes,    &loan_routes,
    &loan_one_routes,       &offer_routes,
    &alert_routes,          &alert_rule_routes,
    &disaster_routes,       &task_routes,
    &task_one_routes,       &task_new_routes,
    &notice_routes,         &notice_setting_routes,
    &notice_webhook_routes, &gate_office_routes,
};
enum { TABLE_COUNT = sizeof tables / sizeof tables[0], ROUTE_MAX = 500 };

const struct route *routes_all(size_t *count)
{
    static struct route all[ROUTE_MAX];
    static size_t filled;
    if (!filled)
        for (size_t t = 0; t < TABLE_COUNT; t++)
            for (size_t i = 0; i < tables[t]->count; i++) {
                assert(filled < ROUTE_MAX);
                all[filled++] = tables[t]->rows[i];
            }
    *count = filled;
    return all;
}
