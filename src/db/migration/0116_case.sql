-- both:
-- Who did what, over all cases of a county, by time.
CREATE INDEX flow_move_by_time ON flow_move (county, at, flow_id, seq);
-- The step behind a frozen decision.
CREATE INDEX flow_move_of_snapshot ON flow_move (snapshot_id) WHERE snapshot_id <> 0;
-- lite:
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('flow_move', 'flow_move_by_time', '3000000 30000 2 1 1'),
    ('flow_move', 'flow_move_of_snapshot', '300000 1');
