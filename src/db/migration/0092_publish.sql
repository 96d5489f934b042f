-- Room insight: figures that everybody may read. Only what is shown is kept: hidden cells are NULL.
-- The county leads the key; 0: an area above the tenants.
CREATE TABLE published_figure (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    year INTEGER NOT NULL,
    title TEXT NOT NULL,
    line_label TEXT NOT NULL,
    line_minor BIGINT NOT NULL,
    welfare TEXT NOT NULL,
    weak SMALLINT NOT NULL CHECK (weak IN (0, 1)),
    seq BIGINT NOT NULL,
    withdrawn_at BIGINT NOT NULL DEFAULT 0,
    withdrawn_by BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (county, id)
);
CREATE INDEX published_figure_of_area ON published_figure (area_id, year);

-- place 0: the whole area; then its parts.
CREATE TABLE published_row (
    county BIGINT NOT NULL,
    figure_id BIGINT NOT NULL,
    place INTEGER NOT NULL,
    area_id BIGINT NOT NULL,
    label TEXT NOT NULL,
    households BIGINT NOT NULL,
    people BIGINT NOT NULL,
    poor_households BIGINT,
    poor_people BIGINT,
    PRIMARY KEY (county, figure_id, place)
);
CREATE INDEX published_row_of_area ON published_row (area_id);
