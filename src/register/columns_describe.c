/* What snapshot.json says besides its columns: the county, its areas, indexes and code lists.
 */
#include "register/columns_inner.h"

#include "base/json.h"

void json_labels(struct json *j, struct cx *cx, const char *key, const struct label *label)
{
    if (!label || !label->in[LANG_EN] || !*label->in[LANG_EN])
        return;
    json_put_z(j, arena_printf(cx->arena, "%s_en", key), label->in[LANG_EN]);
    json_put_z(j, arena_printf(cx->arena, "%s_zh", key), label->in[LANG_ZH]);
}

static int64_t alive(size_t rows, size_t free_rows)
{
    return (int64_t)(rows - free_rows);
}

void frozen_head(struct json *j, struct cx *cx, const struct county *k, int32_t year)
{
    const struct profile *p = k->profile;
    json_object_begin(j);
    json_put_z(j, "format", "fumin-snapshot");
    json_put_i64(j, "format_version", 1);
    json_put_z(j, "byte_order", "little");
    json_put_i64(j, "county", k->number);
    json_put_z(j, "county_code", k->areas[0].code);
    json_put_z(j, "county_name", k->areas[0].name);
    json_put_i64(j, "journal_seq", k->seq);
    json_key(j, "profile");
    json_object_begin(j);
    json_put_z(j, "code", p->code);
    json_put_z(j, "version", p->version);
    json_put_z(j, "hash", hex_of(cx->arena, p->hash, sizeof p->hash));
    json_put_z(j, "currency", p->currency);
    json_put_i64(j, "currency_decimals", p->currency_decimals);
    json_object_end(j);
    json_key(j, "years");
    json_array_begin(j);
    for (size_t i = 0; i < k->head_year_count; i++)
        if (!year || k->years[i] == year)
            json_i64(j, k->years[i]);
    json_array_end(j);
    json_key(j, "rows");
    json_object_begin(j);
    json_put_i64(j, "household", alive(k->rows, k->free_rows));
    json_put_i64(j, "person", alive(k->person_rows, k->free_people));
    json_put_i64(j, "area", (int64_t)k->area_count);
    json_object_end(j);
    json_key(j, "areas");
    json_array_begin(j);
    for (size_t i = 0; i < k->area_count; i++) {
        json_object_begin(j);
        json_put_i64(j, "id", k->areas[i].id);
        json_put_i64(j, "parent", k->areas[i].parent);
        json_put_i64(j, "end", k->areas[i].end);
        json_put_i64(j, "level", k->areas[i].level);
        json_put_z(j, "code", k->areas[i].code);
        json_put_z(j, "name", k->areas[i].name);
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_indexes(struct json *j, struct cx *cx, const struct county *k)
{
    const struct profile_rules *rules = rules_of(k);
    json_key(j, "indexes");
    json_array_begin(j);
    for (size_t i = 0; i < rules->index_count; i++) {
        const struct poverty_index *index = &rules->indexes[i];
        json_object_begin(j);
        json_put_z(j, "code", index->code);
        json_key(j, "bits");
        json_array_begin(j);
        for (size_t d = 0; d < index->count; d++) {
            json_object_begin(j);
            json_put_i64(j, "bit", (int64_t)d);
            json_put_z(j, "code", index->deprivations[d].code);
            json_put_i64(j, "weight", index->deprivations[d].weight);
            json_labels(j, cx, "label", &index->deprivations[d].label);
            json_object_end(j);
        }
        json_array_end(j);
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_lists(struct json *j, struct cx *cx, const struct county *k)
{
    const struct profile *p = k->profile;
    json_key(j, "lists");
    json_object_begin(j);
    for (size_t i = 0; i < p->list_count; i++) {
        json_key(j, p->lists[i].name);
        json_array_begin(j);
        for (size_t c = 0; c < p->lists[i].code_count; c++) {
            json_object_begin(j);
            json_put_i64(j, "code", p->lists[i].codes[c].code);
            json_labels(j, cx, "label", &p->lists[i].codes[c].label);
            json_object_end(j);
        }
        json_array_end(j);
    }
    json_object_end(j);
}

void frozen_foot(struct json *j, struct cx *cx, const struct county *k)
{
    put_indexes(j, cx, k);
    put_lists(j, cx, k);
}
