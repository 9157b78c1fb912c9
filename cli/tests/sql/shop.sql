CREATE SCHEMA stock;
CREATE TYPE "OrderState" AS ENUM ('open', 'in progress', 'closed');
CREATE DOMAIN email AS character varying(120) CHECK (VALUE LIKE '%@%');
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.changed := now(); RETURN NEW; END $$;
CREATE TABLE customers (
    id uuid DEFAULT gen_random_uuid() CONSTRAINT customer_key PRIMARY KEY,
    email email UNIQUE,
    "displayName" character varying(80) NOT NULL CHECK ("displayName" <> ''),
    tags text[] NOT NULL DEFAULT '{}',
    changed timestamp with time zone NOT NULL DEFAULT now(),
    vip boolean NOT NULL DEFAULT false,
    opens timetz
);
COMMENT ON TABLE customers IS 'who "buys"';
CREATE INDEX customers_lower_idx ON customers (lower(email::text) text_pattern_ops DESC) WHERE vip;
CREATE INDEX by_tag ON customers USING gin (tags);
CREATE TRIGGER touch BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON customers FOR SELECT USING (email = CURRENT_USER);
CREATE TABLE stock.items (
    sku text COLLATE "C" PRIMARY KEY,
    price numeric(12,2) CHECK (price >= 0),
    "In Stock" smallint,
    self integer,
    doubled numeric GENERATED ALWAYS AS (price * 2) STORED
);
CREATE TABLE orders (
    no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers ON DELETE CASCADE,
    paid_by uuid CONSTRAINT payer REFERENCES customers,
    state "OrderState" NOT NULL DEFAULT 'open',
    type text,
    note json,
    during tstzrange,
    CHECK (paid_by IS NOT NULL OR state <> 'closed'),
    UNIQUE (customer_id, type) DEFERRABLE
);
CREATE TABLE lines (
    order_no bigint REFERENCES orders,
    sku text REFERENCES stock.items DEFERRABLE INITIALLY DEFERRED,
    amount integer NOT NULL,
    PRIMARY KEY (order_no, sku)
);
CREATE TABLE parts (
    id serial PRIMARY KEY,
    order_no bigint,
    sku text,
    FOREIGN KEY (order_no, sku) REFERENCES lines ON UPDATE CASCADE
);
CREATE TABLE log (id integer, message text NOT NULL);
CREATE TABLE events (at timestamp with time zone NOT NULL, what text) PARTITION BY RANGE (at);
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE VIEW open_orders AS
    SELECT o.no, o.customer_id FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.state = 'open';
COMMENT ON COLUMN open_orders.no IS 'its number';
