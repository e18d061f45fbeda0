"""The listing of certified profiles is read in an order without its table: both indexes hold all that a search asks.

Where one in a hundred fits, some thousand rows are looked at in the order of the page, each on a page of its own in
the table and side by side in the index. So `terms` is kept small and as it is: without places of words, which no search
asks for, and never compressed, since it would be unpacked for each row that is looked at.

An entry of an index holds at most 2,704 bytes, of which a name may take 404 and the rest 100. Therefore `terms` is at
most 2,200. First come the filters, then the words of the name, the skills as a whole, and the words of the headline and
the skills in their order, as far as there is room: most lists of thirty skills fit, and the longest lose their last.
"""

import django.contrib.postgres.indexes
from django.db import migrations, models

MOST = 2200
# As every trigger does, the profiles first: an edit meanwhile waits, instead of each waiting for the other.
LOCK = "LOCK TABLE profiles_profile IN EXCLUSIVE MODE;"
FIRST = """
CREATE FUNCTION sourcing_first(terms tsvector, most integer) RETURNS tsvector LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT CASE WHEN pg_column_size(strip(terms)) <= most THEN strip(terms) ELSE (
    SELECT array_to_tsvector(array_agg(lexeme)) FROM (
        -- Words have places and weights, unlike all else. Eight bytes for all, and four for each entry.
        SELECT lexeme, 8 + sum(octet_length(lexeme) + 4) OVER (
            ORDER BY CASE WHEN lexeme LIKE '~skill/%' THEN 2 WHEN positions IS NULL THEN 0
                          WHEN 'A' = ANY (weights) THEN 1 ELSE 3 END, positions[1], lexeme COLLATE "C"
        ) AS size FROM unnest(terms)
    ) AS entry WHERE size <= most
) END $$;
"""
COLUMNS = "profile_id, active_at, name_key, state, hourly_rate, terms, valid_until"
# All rows are written at once and before the indexes, which takes a part of the time.
VIEW = f"""
ALTER VIEW sourcing_certified_expected RENAME TO sourcing_certified_whole;
CREATE VIEW sourcing_certified_expected AS
SELECT profile_id, active_at, name_key, state, hourly_rate, sourcing_first(terms, {MOST}) AS terms, valid_until
FROM sourcing_certified_whole;
TRUNCATE sourcing_certifiedlisting;
ALTER TABLE sourcing_certifiedlisting ALTER COLUMN terms SET STORAGE EXTERNAL;
INSERT INTO sourcing_certifiedlisting ({COLUMNS}) SELECT {COLUMNS} FROM sourcing_certified_expected;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""
READ = ['state', 'hourly_rate', 'valid_until', 'terms']


class Migration(migrations.Migration):

    dependencies = [
        ('sourcing', '0007_certified_listing'),
    ]

    operations = [
        migrations.RunSQL(LOCK),
        migrations.RemoveIndex(model_name='certifiedlisting', name='listing_certified_active'),
        migrations.RemoveIndex(model_name='certifiedlisting', name='listing_certified_name'),
        migrations.RemoveIndex(model_name='certifiedlisting', name='listing_certified_terms'),
        migrations.RunSQL(FIRST),
        migrations.RunSQL(VIEW),
        migrations.AddIndex(
            model_name='certifiedlisting',
            index=models.Index(fields=['-active_at', '-profile'], include=READ, name='listing_certified_active'),
        ),
        migrations.AddIndex(
            model_name='certifiedlisting',
            index=models.Index(fields=['name_key', 'profile'], include=READ, name='listing_certified_name'),
        ),
        migrations.AddIndex(
            model_name='certifiedlisting',
            index=django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['terms'], name='listing_certified_terms'),
        ),
    ]
