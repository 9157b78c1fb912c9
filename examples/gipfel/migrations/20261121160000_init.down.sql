-- whimbrel: data-loss: drops table ascent_climbers and all its rows
-- whimbrel: data-loss: drops table ascents and all its rows
-- whimbrel: data-loss: drops table climbers and all its rows
-- whimbrel: data-loss: drops table routes and all its rows
-- whimbrel: data-loss: drops table summits and all its rows
-- whimbrel: data-loss: drops table regions and all its rows

-- Drop table ascent_climbers.
-- data loss: drops table ascent_climbers and all its rows
DROP TABLE ascent_climbers;

-- Drop table ascents.
-- data loss: drops table ascents and all its rows
DROP TABLE ascents;

-- Drop table climbers.
-- data loss: drops table climbers and all its rows
DROP TABLE climbers;

-- Drop table routes.
-- data loss: drops table routes and all its rows
DROP TABLE routes;

-- Drop table summits.
-- data loss: drops table summits and all its rows
DROP TABLE summits;

-- Drop table regions.
-- data loss: drops table regions and all its rows
DROP TABLE regions;
