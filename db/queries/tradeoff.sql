-- Do less stable runs generalize better? One row is a completed run in one arm of the newest sweep named :sweep.
SELECT *
FROM tradeoff
WHERE sweep_id = (
    SELECT sweep_id FROM sweeps WHERE name = :sweep ORDER BY registered DESC, sweep_id DESC LIMIT 1
)
ORDER BY position
