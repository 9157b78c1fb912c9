-- Create table ascent_climbers.
CREATE TABLE ascent_climbers (
    id uuid NOT NULL,
    ascent_id uuid NOT NULL,
    "position" integer NOT NULL,
    climber_id uuid NOT NULL,
    is_aborted boolean NOT NULL,
    CONSTRAINT ascent_climbers_pkey PRIMARY KEY (id),
    CONSTRAINT ascent_climbers_ascent_id_climber_id_key UNIQUE (ascent_id, climber_id)
);

-- Create table ascents.
CREATE TABLE ascents (
    id uuid NOT NULL,
    climbed_at timestamp with time zone NOT NULL,
    route_id uuid NOT NULL,
    lead_climber_id uuid,
    is_aborted boolean NOT NULL,
    is_top_rope boolean NOT NULL,
    is_solo boolean NOT NULL,
    is_without_support boolean NOT NULL,
    notes text,
    version integer NOT NULL,
    CONSTRAINT ascents_pkey PRIMARY KEY (id)
);

-- Create table climbers.
CREATE TABLE climbers (
    id uuid NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    version integer NOT NULL,
    CONSTRAINT climbers_pkey PRIMARY KEY (id)
);

-- Create table regions.
CREATE TABLE regions (
    id uuid NOT NULL,
    name text NOT NULL,
    version integer NOT NULL,
    CONSTRAINT regions_pkey PRIMARY KEY (id),
    CONSTRAINT regions_name_key UNIQUE (name)
);

-- Create table routes.
CREATE TABLE routes (
    id uuid NOT NULL,
    name text NOT NULL,
    summit_id uuid NOT NULL,
    teufelsturm_id integer,
    teufelsturm_score smallint,
    grade text,
    grade_rot_punkt text,
    grade_without_support text,
    grade_jump text,
    stars integer,
    version integer NOT NULL,
    CONSTRAINT routes_pkey PRIMARY KEY (id),
    CONSTRAINT routes_teufelsturm_id_key UNIQUE (teufelsturm_id),
    CONSTRAINT routes_teufelsturm_score_check CHECK (teufelsturm_score BETWEEN -3 AND 3)
);

-- Create table summits.
CREATE TABLE summits (
    id uuid NOT NULL,
    name text NOT NULL,
    region_id uuid NOT NULL,
    teufelsturm_id integer,
    latitude double precision,
    longitude double precision,
    version integer NOT NULL,
    CONSTRAINT summits_pkey PRIMARY KEY (id),
    CONSTRAINT summits_region_id_name_key UNIQUE (region_id, name),
    CONSTRAINT summits_teufelsturm_id_key UNIQUE (teufelsturm_id),
    CONSTRAINT summits_latitude_check CHECK (latitude BETWEEN -90 AND 90),
    CONSTRAINT summits_longitude_check CHECK (longitude BETWEEN -180 AND 180),
    CONSTRAINT summits_position_whole CHECK ((latitude IS NULL) = (longitude IS NULL))
);

-- Create index ascent_climbers_climber_id_idx on ascent_climbers.
CREATE INDEX ascent_climbers_climber_id_idx ON ascent_climbers (climber_id);

-- Create index ascents_lead_climber_id_idx on ascents.
CREATE INDEX ascents_lead_climber_id_idx ON ascents (lead_climber_id);

-- Create index ascents_route_id_idx on ascents.
CREATE INDEX ascents_route_id_idx ON ascents (route_id);

-- Create index climbers_name_idx on climbers.
CREATE INDEX climbers_name_idx ON climbers ((lower(last_name)), (lower(first_name)));

-- Create index routes_summit_id_name_idx on routes.
CREATE INDEX routes_summit_id_name_idx ON routes (summit_id, name);

-- Add foreign keys ascent_climbers_ascent_id_fkey: ascent_climbers(ascent_id) → ascents(id); ascent_climbers_climber_id_fkey: ascent_climbers(climber_id) → climbers(id).
ALTER TABLE ascent_climbers
    ADD CONSTRAINT ascent_climbers_ascent_id_fkey FOREIGN KEY (ascent_id) REFERENCES ascents (id) ON DELETE CASCADE,
    ADD CONSTRAINT ascent_climbers_climber_id_fkey FOREIGN KEY (climber_id) REFERENCES climbers (id);

-- Add foreign keys ascents_lead_climber_id_fkey: ascents(lead_climber_id) → climbers(id); ascents_route_id_fkey: ascents(route_id) → routes(id).
ALTER TABLE ascents
    ADD CONSTRAINT ascents_lead_climber_id_fkey FOREIGN KEY (lead_climber_id) REFERENCES climbers (id) ON DELETE SET NULL,
    ADD CONSTRAINT ascents_route_id_fkey FOREIGN KEY (route_id) REFERENCES routes (id);

-- Add foreign key routes_summit_id_fkey: routes(summit_id) → summits(id).
ALTER TABLE routes
    ADD CONSTRAINT routes_summit_id_fkey FOREIGN KEY (summit_id) REFERENCES summits (id);

-- Add foreign key summits_region_id_fkey: summits(region_id) → regions(id).
ALTER TABLE summits
    ADD CONSTRAINT summits_region_id_fkey FOREIGN KEY (region_id) REFERENCES regions (id);
