-- Room register: areas that are merged into another. An area's merged_into is set when the merge
-- begins (what is written into it goes to the other from then on) and is never a merged area itself.
-- The plan of a merge is made whole at its beginning: step by step (n from 1), each done once.
-- both:
ALTER TABLE area ADD COLUMN merged_into BIGINT NOT NULL DEFAULT 0;
CREATE TABLE area_merge (
    county BIGINT NOT NULL,
    from_id BIGINT NOT NULL,
    into_id BIGINT NOT NULL,
    from_day INTEGER NOT NULL,
    user_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    job_id BIGINT NOT NULL,
    -- Households when it began; moved ones until now; 0 or when it was over.
    total BIGINT NOT NULL,
    moved BIGINT NOT NULL,
    done_at BIGINT NOT NULL,
    PRIMARY KEY (county, from_id)
);
-- moves 1: the area goes below into_id as it is; 0: it ends in into_id.
CREATE TABLE area_merge_step (
    county BIGINT NOT NULL,
    from_id BIGINT NOT NULL,
    n INTEGER NOT NULL,
    area_id BIGINT NOT NULL,
    into_id BIGINT NOT NULL,
    moves SMALLINT NOT NULL,
    done SMALLINT NOT NULL,
    PRIMARY KEY (county, from_id, n)
);
