-- What tests write in SQLite's SQL and PostgreSQL does not have, in a schema that only the tests' own connections look into.
CREATE SCHEMA sqlite_words;

-- A time as SQLite keeps it: milliseconds.
CREATE FUNCTION sqlite_words.ms(timestamp) RETURNS numeric IMMUTABLE LANGUAGE sql RETURN extract(epoch FROM $1) * 1000;
CREATE FUNCTION sqlite_words.at(numeric) RETURNS timestamp IMMUTABLE LANGUAGE sql
  RETURN timestamp 'epoch' + $1 * interval '1 millisecond';
CREATE FUNCTION sqlite_words.at(bigint) RETURNS timestamp IMMUTABLE LANGUAGE sql RETURN sqlite_words.at($1::numeric);
CREATE FUNCTION sqlite_words.at(integer) RETURNS timestamp IMMUTABLE LANGUAGE sql RETURN sqlite_words.at($1::numeric);
CREATE FUNCTION sqlite_words.eq(timestamp, numeric) RETURNS boolean IMMUTABLE LANGUAGE sql RETURN sqlite_words.ms($1) = $2;
CREATE FUNCTION sqlite_words.eq(numeric, timestamp) RETURNS boolean IMMUTABLE LANGUAGE sql RETURN $1 = sqlite_words.ms($2);
CREATE OPERATOR sqlite_words.= (LEFTARG = timestamp, RIGHTARG = numeric, FUNCTION = sqlite_words.eq);
CREATE OPERATOR sqlite_words.= (LEFTARG = numeric, RIGHTARG = timestamp, FUNCTION = sqlite_words.eq);
CREATE FUNCTION sqlite_words.ne(timestamp, numeric) RETURNS boolean IMMUTABLE LANGUAGE sql RETURN sqlite_words.ms($1) <> $2;
CREATE FUNCTION sqlite_words.ne(numeric, timestamp) RETURNS boolean IMMUTABLE LANGUAGE sql RETURN $1 <> sqlite_words.ms($2);
CREATE OPERATOR sqlite_words.<> (LEFTARG = timestamp, RIGHTARG = numeric, FUNCTION = sqlite_words.ne);
CREATE OPERATOR sqlite_words.<> (LEFTARG = numeric, RIGHTARG = timestamp, FUNCTION = sqlite_words.ne);
CREATE FUNCTION sqlite_words.lt(timestamp, numeric) RETURNS boolean IMMUTABLE LANGUAGE sql RETURN sqlite_words.ms($1) < $2;
CREATE FUNCTION sqlite_words.lt(numeric, timestamp) RETURNS boolean IMMUTABLE LANGUAGE sql RETURN $1 < sqlite_words.ms($2);
CREATE OPERATOR sqlite_words.< (LEFTARG = timestamp, RIGHTARG = numeric, FUNCTION = sqlite_words.lt);
CREATE OPERATOR sqlite_words.< (LEFTARG = numeric, RIGHTARG = timestamp, FUNCTION = sqlite_words.lt);
CREATE FUNCTION sqlite_words.gt(timestamp, numeric) RETURNS boolean IMMUTABLE LANGUAGE sql RETURN sqlite_words.ms($1) > $2;
CREATE FUNCTION sqlite_words.gt(numeric, timestamp) RETURNS boolean IMMUTABLE LANGUAGE sql RETURN $1 > sqlite_words.ms($2);
CREATE OPERATOR sqlite_words.> (LEFTARG = timestamp, RIGHTARG = numeric, FUNCTION = sqlite_words.gt);
CREATE OPERATOR sqlite_words.> (LEFTARG = numeric, RIGHTARG = timestamp, FUNCTION = sqlite_words.gt);
CREATE FUNCTION sqlite_words.le(timestamp, numeric) RETURNS boolean IMMUTABLE LANGUAGE sql RETURN sqlite_words.ms($1) <= $2;
CREATE FUNCTION sqlite_words.le(numeric, timestamp) RETURNS boolean IMMUTABLE LANGUAGE sql RETURN $1 <= sqlite_words.ms($2);
CREATE OPERATOR sqlite_words.<= (LEFTARG = timestamp, RIGHTARG = numeric, FUNCTION = sqlite_words.le);
CREATE OPERATOR sqlite_words.<= (LEFTARG = numeric, RIGHTARG = timestamp, FUNCTION = sqlite_words.le);
CREATE FUNCTION sqlite_words.ge(timestamp, numeric) RETURNS boolean IMMUTABLE LANGUAGE sql RETURN sqlite_words.ms($1) >= $2;
CREATE FUNCTION sqlite_words.ge(numeric, timestamp) RETURNS boolean IMMUTABLE LANGUAGE sql RETURN $1 >= sqlite_words.ms($2);
CREATE OPERATOR sqlite_words.>= (LEFTARG = timestamp, RIGHTARG = numeric, FUNCTION = sqlite_words.ge);
CREATE OPERATOR sqlite_words.>= (LEFTARG = numeric, RIGHTARG = timestamp, FUNCTION = sqlite_words.ge);
CREATE FUNCTION sqlite_words.plus(timestamp, numeric) RETURNS numeric IMMUTABLE LANGUAGE sql RETURN sqlite_words.ms($1) + $2;
CREATE OPERATOR sqlite_words.+ (LEFTARG = timestamp, RIGHTARG = numeric, FUNCTION = sqlite_words.plus);
CREATE FUNCTION sqlite_words.minus(timestamp, numeric) RETURNS numeric IMMUTABLE LANGUAGE sql RETURN sqlite_words.ms($1) - $2;
CREATE OPERATOR sqlite_words.- (LEFTARG = timestamp, RIGHTARG = numeric, FUNCTION = sqlite_words.minus);

CREATE FUNCTION sqlite_words.json_extract(text, text) RETURNS text IMMUTABLE LANGUAGE sql
  RETURN $1::jsonb #>> string_to_array(regexp_replace($2, '^\$\.', ''), '.');
CREATE OPERATOR sqlite_words.->> (LEFTARG = text, RIGHTARG = text, FUNCTION = sqlite_words.json_extract);
CREATE FUNCTION sqlite_words.zeroblob(integer) RETURNS bytea IMMUTABLE LANGUAGE sql RETURN decode(repeat('00', $1), 'hex');
CREATE FUNCTION sqlite_words.randomblob(integer) RETURNS bytea LANGUAGE sql
  RETURN (SELECT decode(string_agg(lpad(to_hex((random() * 255)::int), 2, '0'), ''), 'hex') FROM generate_series(1, $1));
CREATE FUNCTION sqlite_words.hex(bytea) RETURNS text IMMUTABLE LANGUAGE sql RETURN upper(encode($1, 'hex'));

CREATE VIEW sqlite_words.sqlite_master AS
  SELECT 'table' AS type, relname::text AS name FROM pg_class
   WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition;

-- A trigger is dropped by its name alone.
CREATE FUNCTION sqlite_words.drop_trigger(wanted text, may_be_missing boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE place text;
BEGIN
  SELECT tgrelid::regclass INTO place FROM pg_trigger WHERE tgname = wanted AND tgparentid = 0 AND NOT tgisinternal;
  IF place IS NOT NULL THEN EXECUTE format('DROP TRIGGER %I ON %s', wanted, place);
  ELSIF NOT may_be_missing THEN RAISE EXCEPTION 'no such trigger: %', wanted;
  END IF;
END $$;
