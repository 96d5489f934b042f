-- Room help: when a loan's oldest unpaid part falls due, so that lists find what is late; the
-- placements of one vacancy.
-- both:
ALTER TABLE loan ADD COLUMN due_day INTEGER;
CREATE INDEX placement_of_vacancy ON placement (county, vacancy_id, id);
